export { witnessJob } from './jobs.ts'
export { logWitnessRoutes } from './routes.ts'
