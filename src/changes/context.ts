import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Actor } from '../access/actor.ts'
import type { ChangeContext } from './change.ts'

/** Finds out who sent a request; throws `unauthenticated` when nobody known did. */
export type Authenticate = (request: FastifyRequest) => Promise<Actor>

/** What routes are made with. */
export type RouteContext = { app: FastifyInstance; authenticate: Authenticate; changes: ChangeContext }
