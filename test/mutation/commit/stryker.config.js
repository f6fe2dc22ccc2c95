import { mutating } from '../stryker.js'

export default mutating('commit', 'src/usecases/commit')
