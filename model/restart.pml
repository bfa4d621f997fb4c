/*
 * A server that comes back without its last writes: AOF every second and a loss of power, or a failover to a replica that lags. Everything else, and the bounds, are those of
 * delivery.pml; with two jobs the second is added at any time.
 */
#define LEASES 8
#define CLOCK_RUNS
mtype = { one_place, stale_settlement_refused, lease_settled_once, answer_is_true, fence_never_repeated };
#include "promise.pml"
#include "sets.pml"
#include "shard.pml"
#include "worker.pml"
#include "network.pml"

/* What the server would come back with. */
Shard saved;

bit maySave = 1;
bit mayLose = 1;

inline copyShard(to, from) {
  to.rows = from.rows;
  to.inReady = from.inReady;
  to.inActive = from.inActive;
  to.inEnded = from.inEnded;
  to.overdue = from.overdue;
  to.fence = from.fence;
  to.heartbeats = from.heartbeats;
  to.settled = from.settled;
  for (job : 0 .. JOBS - 1) {
    to.lease[job] = from.lease[job];
    to.attempts[job] = from.attempts[job]
  }
  for (other : 0 .. LANES - 1) {
    to.applied[other] = from.applied[other];
    to.kept[other] = from.kept[other]
  }
  other = 0
}

/*
 * A call that was under way: written and not answered, so it is sent again; or held back until the server answers; or answered just before.
 * What connections had in their buffers has died with the server that they led to.
 */
inline interrupt(lane) {
  if
  :: call[lane].state == SENT -> call[lane].again = 1
  :: call[lane].state == ANSWERED -> resend(lane)
  :: true
  fi;
  forget(lane)
}

proctype Restart() {
end:
  do
  :: d_step { maySave -> maySave = 0; copyShard(saved, shard) }
  :: atomic {
       mayLose -> mayLose = 0; maySave = 0;
       copyShard(shard, saved);
       interrupt(0); interrupt(1); interrupt(2); interrupt(3);
#ifndef COMPARED_AFTER_RESEND_ONLY
       worker[0].doubt = !worker[0].dead;
       worker[1].doubt = !worker[1].dead
#endif
     }
#if JOB_COUNT == 2
  :: d_step { !HAS(shard.rows, 1) -> add(1) }
#endif
#ifdef CLOCK_STEPS_BACK
  :: d_step { clock > 1 -> clock = 0 }
#endif
  od
}

init {
  atomic {
    add(0);
    runAll();
    copyShard(saved, shard);
    run Restart()
  }
}

ltl every_kept_job_ends { <> [] (shard.rows != 0 && shard.inEnded == shard.rows) }
