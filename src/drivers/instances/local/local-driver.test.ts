import { makeLocalWorld } from '../../../../test/support/local-world.ts'
import { instanceDriverContract } from '../contract/instance-driver-contract.ts'

instanceDriverContract('this machine', () => makeLocalWorld())
