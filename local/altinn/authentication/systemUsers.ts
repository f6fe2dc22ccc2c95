import { randomUUID } from 'node:crypto'
import { type Context, Hono } from 'hono'
import { z } from 'zod'
import { jsonBody } from '../jsonBody.js'
import type { World } from '../world.js'

const system = z.looseObject({ id: z.string().min(1) })
const request = z.looseObject({ systemId: z.string().min(1), partyOrgNo: z.string().regex(/^\d{9}$/) })

/** Altinn's register of systems, and the system users that vendors ask for: here they are given at once. */
export function systemUserRoutes(base: string, world: World) {
  const systems = new Map<string, string>()
  const users: { id: string; systemId: string; reporteeOrgNo: string }[] = []

  const register = async (c: Context) => {
    const asked = system.safeParse(await jsonBody(c))
    if (!asked.success) return c.text(`Not a system: ${z.prettifyError(asked.error)}`, 400)
    if (systems.has(asked.data.id)) return c.text('The system is registered already', 409)
    const id = randomUUID()
    systems.set(asked.data.id, id)
    return c.json(id)
  }

  const give = async (c: Context) => {
    const asked = request.safeParse(await jsonBody(c))
    if (!asked.success) return c.text(`Not a request: ${z.prettifyError(asked.error)}`, 400)
    const { systemId, partyOrgNo } = asked.data
    if (!systems.has(systemId)) return c.text('No such system', 404)
    users.push({ id: world.giveSystemUser(partyOrgNo), systemId, reporteeOrgNo: partyOrgNo })
    const id = randomUUID()
    return c.json({ ...asked.data, id, status: 'Accepted', confirmUrl: `${base}/` }, 201)
  }

  return new Hono()
    .basePath('/authentication/api/v1')
    .post('/systemregister/vendor', register)
    .post('/systemuser/request/vendor', give)
    .get('/systemuser/vendor/bysystem/:id', (c) =>
      c.json({ data: users.filter(({ systemId }) => systemId === c.req.param('id')), links: {} }),
    )
}
