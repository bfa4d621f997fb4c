/*
 * One shard of a queue: its sets and rows, and the worker's scripts (packages/queue/lua: settle with its fragments, extend), each of which the server runs as one step.
 * Sets of jobs, of leases and of workers are masks of bits. A lease has a number of its own, which the code does not have: promises speak of it, the scripts never look at it.
 */
#define JOBS 2
#define WORKERS 2
#define LANES 4 /* lane 0 and 1 are those of worker 0, 2 and 3 those of worker 1 */
#define OWNER(lane) (lane / 2)

typedef Shard {
  byte rows; /* `jobs`: which jobs there are */
  byte inReady;
  byte inActive;
  byte inEnded; /* completed, failed and cancelled are one place here */
  byte overdue; /* which active jobs are past their deadline */
  byte lease[JOBS]; /* `leases`: the lease of an active job, 0 for none */
  byte attempts[JOBS];
  byte fence; /* the last one given */
  byte heartbeats; /* `workers`: whose row holds */
  byte applied[LANES]; /* `sessions`: the number of the last call applied */
  short kept[LANES]; /* `sessions`: the verdicts that it refused */
  short settled; /* leases that ended by a settlement; for promises only */
}

Shard shard;

/* What was written into lease rows. Workers remember their leases, so nothing of this is undone when the server loses its last writes. */
byte leases;
byte jobOf[LEASES + 1];
byte holderOf[LEASES + 1];
byte fenceOf[LEASES + 1];
short comesAgain; /* leases whose handler asks for another attempt */

/* The server's clock as fences see it. In delivery.pml it stands still, as after a step back, and fences grow by themselves. */
byte clock;

/* The answer of the script that runs. */
hidden short refused;
hidden short taken;

hidden byte job;
hidden byte other;
hidden byte nextFence;
hidden byte room;

#ifdef FENCE_NOT_COMPARED
#define ACCEPTS(held, shown) (held != 0)
#else
#define ACCEPTS(held, shown) (held != 0 && fenceOf[held] == fenceOf[shown])
#endif

#ifdef FENCE_IS_ATTEMPT
#define FENCE_OF(job) (shard.attempts[job] + 1)
#else
#define FENCE_OF(job) nextFence
#endif

#ifdef ANY_HEARTBEAT_HOLDS
#define HOLDS(worker) (shard.heartbeats != 0)
#else
#define HOLDS(worker) HAS(shard.heartbeats, worker)
#endif

#ifdef NEVER_RECOVERED
#define LOST(id) false
#else
#define LOST(id) (HAS(shard.overdue, id) && !HOLDS(holderOf[shard.lease[id]]))
#endif

#ifdef NUMBER_IGNORED
#define IS_COPY(lane, number) false
#else
#define IS_COPY(lane, number) (shard.applied[lane] >= number)
#endif

inline add(id) {
  shard.rows = WITH(shard.rows, id);
  shard.inReady = WITH(shard.inReady, id)
}

/* lua/fragments/finish.lua: one verdict, named by the lease that it shows. */
inline finishOne(verdict) {
  job = jobOf[verdict];
  if
  :: ACCEPTS(shard.lease[job], verdict) ->
     promise(stale_settlement_refused, shard.lease[job] == verdict);
     promise(lease_settled_once, !HAS(shard.settled, verdict));
     shard.settled = WITH(shard.settled, verdict);
#ifndef SETTLED_WITHOUT_REMOVAL
     shard.inActive = WITHOUT(shard.inActive, job);
#endif
     shard.overdue = WITHOUT(shard.overdue, job);
     shard.lease[job] = 0;
     if
     :: HAS(comesAgain, verdict) -> shard.inReady = WITH(shard.inReady, job); shard.attempts[job]++
     :: else -> shard.inEnded = WITH(shard.inEnded, job)
     fi
  :: else -> refused = WITH(refused, verdict)
  fi
}

inline finish(verdicts) {
  for (other : 1 .. leases) {
    if
    :: HAS(verdicts, other) -> finishOne(other)
    :: else
    fi
  }
}

/* lua/variants/tidy/fragments/recover.lua: what is past its deadline goes back, or moves on where its holder's heartbeat holds. */
inline recover() {
  for (job : 0 .. JOBS - 1) {
    if
    :: LOST(job) ->
       shard.inActive = WITHOUT(shard.inActive, job);
       shard.lease[job] = 0;
       shard.inReady = WITH(shard.inReady, job)
    :: else
    fi
  }
  shard.overdue = 0
}

/* Time goes by without a heartbeat of this worker. */
inline lapse(silent) {
  shard.heartbeats = WITHOUT(shard.heartbeats, silent);
  for (job : 0 .. JOBS - 1) {
    shard.overdue = (shard.lease[job] != 0 && holderOf[shard.lease[job]] == silent -> WITH(shard.overdue, job) : shard.overdue)
  }
}

/* lua/fragments/take.lua: in the order of arrival, and a job that goes back keeps its place. */
inline take(taker, wanted) {
  room = wanted;
  if
  :: room > 0 && shard.inReady != 0 ->
#ifdef CLOCK_RUNS
     clock++;
#endif
     nextFence = (clock > shard.fence + 1 -> clock : shard.fence + 1);
     shard.fence = nextFence
  :: else
  fi;
  for (job : 0 .. JOBS - 1) {
    if
    :: room > 0 && HAS(shard.inReady, job) ->
       room--;
#ifdef CLOCK_RUNS
       for (other : 1 .. leases) {
         promise(fence_never_repeated, jobOf[other] != job || fenceOf[other] != FENCE_OF(job))
       }
#endif
       leases++;
       assert(leases <= LEASES);
       jobOf[leases] = job;
       holderOf[leases] = taker;
       fenceOf[leases] = FENCE_OF(job);
       shard.inReady = WITHOUT(shard.inReady, job);
       shard.inActive = WITH(shard.inActive, job);
       shard.lease[job] = leases;
       taken = WITH(taken, leases)
    :: else
    fi
  }
}

inline checkPlaces() {
  for (job : 0 .. JOBS - 1) {
    promise(one_place, HAS(shard.inReady, job) + HAS(shard.inActive, job) + HAS(shard.inEnded, job) == HAS(shard.rows, job));
    promise(one_place, HAS(shard.inActive, job) == (shard.lease[job] != 0))
  }
}

/* lua/settle.lua. Sets `refused` and `taken`. */
inline settle(lane, sequence, wanted, looks, verdicts) {
  refused = 0;
  taken = 0;
  if
  :: IS_COPY(lane, sequence) -> refused = shard.kept[lane]
  :: else ->
     finish(verdicts);
     if
     :: looks -> recover()
     :: else
     fi;
     take(OWNER(lane), wanted);
#ifndef NUMBER_NOT_STORED
     shard.applied[lane] = sequence;
     shard.kept[lane] = refused
#endif
  fi;
  checkPlaces()
}

/* What a worker is told of its verdicts is what became of them. */
inline checkAnswer(verdicts) {
  for (other : 1 .. leases) {
    promise(answer_is_true, !HAS(verdicts, other) || HAS(refused, other) == !HAS(shard.settled, other))
  }
}
