/*
 * Waiting and waking: wake-shard.pml is what the scripts do for it, wake-worker.pml the loop of a worker. Two workers run one job each at a time.
 *
 * Time is counted in half seconds, and goes on only when nothing else can happen: what the server and the workers have to do at a moment they do within it, in any order.
 * So a job that waits beside a free hand when time goes on was forgotten, until something else comes by. LOOKS: workers look by themselves every second; without it there is
 * only the token and the keeper. Bounds: JOB_COUNT, RETRIES, DEATHS and PAUSES of a worker, the LAST moment, and a LATER moment at which jobs are added besides the first two.
 */
mtype = { taken_at_once, taken_within_a_look, never_early };
#include "promise.pml"
#include "sets.pml"

#define JOBS 3
#define WORKERS 2
#define LANES 4 /* lane 0 and 1 are those of worker 0, 2 and 3 those of worker 1 */
#define NOBODY 9

#define LOOK 2 /* a worker looks by itself every second */
#define KEEP 3 /* a keeper is believed for 1.5 s after its last call */
#define BACKOFF 1

byte now = 1;

byte comesAgain; /* jobs whose handler asks for another attempt */

#include "wake-shard.pml"
#include "wake-worker.pml"

/* Until the death of a worker is known, a look may be what finds a job: a keeper is believed for a while, and then the next look of another one takes over. */
byte newsUntil;
#define NEWS (now + KEEP + LOOK)

#define SERVE(lane) \
  d_step { \
    call[lane].state == SENT && (first[lane / 2] == lane || call[OTHER(lane)].state != SENT) -> \
    settle(lane / 2, call[lane].want, call[lane].batch); \
    call[lane].taken = taken; \
    call[lane].next = next; \
    call[lane].state = ANSWERED \
  }

/* A worker that died may still eat a token, since its connection looks alive. */
#define POP(id) d_step { token && blocked[id] -> token = 0; blocked[id] = 0; woken[id] = 1; newsUntil = (dead[id] -> NEWS : newsUntil) }

proctype Server() {
end:
  do
  :: SERVE(0)
  :: SERVE(1)
  :: SERVE(2)
  :: SERVE(3)
  :: POP(0)
  :: POP(1)
  od
}

/* What happens to them, and when; the choice is made at the start. */
byte addAt[JOBS];
byte delay[JOBS];
byte deathAt;
byte pauseAt;

#define ADD(id) d_step { addAt[id] != 0 && addAt[id] <= now -> add(id, delay[id]); addAt[id] = 0; delay[id] = 0 }

proctype World() {
end:
  do
  :: ADD(0)
  :: ADD(1)
  :: ADD(2)
  :: d_step { deathAt != 0 && deathAt <= now -> dead[0] = 1; newsUntil = NEWS; deathAt = 0 }
  :: d_step { pauseAt != 0 && pauseAt <= now -> held[0] = 1; pauseAt = 0; lookAgain(0); skip }
  od
}

/* How long each job has waited beside a free hand. */
byte waited[JOBS];

#define WAITS(id) (HAS(ready, id) || DUE(id))
#define FREE(id) (!dead[id] && !held[id] && running[id] == 0)

inline check() {
  for (job : 0 .. JOBS - 1) {
    waited[job] = (WAITS(job) && (FREE(0) || FREE(1)) -> waited[job] + 1 : 0);
    promise(taken_at_once, now <= newsUntil || waited[job] == 0);
    promise(taken_within_a_look, waited[job] <= LOOK)
  }
}

proctype Clock() {
end:
  do
  :: timeout && now < LAST ->
progress:
     d_step { check(); now++ }
  od
}

inline chooseAdd(id) {
  if
  :: addAt[id] = 1
  :: addAt[id] = 2
  :: addAt[id] = LATER
  fi;
  if
  :: delay[id] = 0
  :: delay[id] = 1
  :: delay[id] = 3
  fi
}

init {
  atomic {
    for (job : 0 .. JOB_COUNT - 1) { chooseAdd(job) }
    if
    :: DEATHS > 0 -> deathAt = 1
    :: DEATHS > 0 -> deathAt = 2
    :: PAUSES > 0 -> pauseAt = 1
    :: PAUSES > 0 -> pauseAt = 2
    :: else
    fi;
    run Server();
    run Worker(0);
    run Worker(1);
    run World();
    run Clock()
  }
}
