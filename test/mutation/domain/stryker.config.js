import { mutating } from '../stryker.js'

export default mutating('domain', 'src/domain')
