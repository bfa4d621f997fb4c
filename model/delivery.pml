/*
 * Delivery: jobs that are there, one or two workers, connections that are cut, heartbeats that come too late, a worker that dies. What a worker does is in worker.pml,
 * what the server does in shard.pml. Bounds: JOB_COUNT, WORKER_COUNT, LANE_COUNT of each worker, CONCURRENCY of each, and how many CUTS, LAPSES of heartbeats of living workers,
 * RETRIES and DEATHS there are.
 */
#define LEASES 8
mtype = { one_place, stale_settlement_refused, lease_settled_once, answer_is_true };
#include "promise.pml"
#include "sets.pml"
#include "shard.pml"
#include "worker.pml"
#include "network.pml"

init {
  atomic {
    add(0);
#if JOB_COUNT == 2
    add(1);
#endif
    runAll()
  }
}

ltl every_job_ends { <> (shard.rows != 0 && shard.inEnded == shard.rows) }
