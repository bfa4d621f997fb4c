/* When a worker calls, and when it listens: packages/worker, dispatcher.ts and shard/. Times are 0 for none. */
#define IDLE 0
#define SENT 1
#define ANSWERED 2

typedef Call {
  byte state;
  byte want;
  byte batch;
  byte taken;
  byte next
}
Call call[LANES];

/* Which of its calls a worker has sent first: a connection keeps the order of calls and of answers. */
byte first[WORKERS];
#define OTHER(lane) (lane ^ 1)

bit dead[WORKERS];
bit held[WORKERS]; /* by worker.pause(): takes nothing, and reports what ends */
bit look[WORKERS];
bit dry[WORKERS];
bit wanted[WORKERS]; /* a token is of use */
bit blocked[WORKERS]; /* a blocking pop waits on the server */
bit woken[WORKERS]; /* a token is on its way */
byte alarm[WORKERS];
byte second[WORKERS]; /* when it looks by itself */
byte running[WORKERS];
byte finished[WORKERS];
byte endAt[JOBS];

byte retries = RETRIES;

#define ASKED(id) (call[2 * id].want + call[2 * id + 1].want)
#define ROOM(id) (running[id] == 0 && ASKED(id) == 0 && !dead[id])
#define WANT(id) (ROOM(id) && !held[id])
#define PRESSING(id) (!dead[id] && (look[id] || finished[id] != 0 || (WANT(id) && !dry[id])))
#define LANE_FREE(id) (call[2 * id].state == IDLE || call[2 * id + 1].state == IDLE)

inline send(id, lane) {
#ifndef FULL_WORKER_LISTENS
  wanted[id] = wanted[id] && WANT(id);
#endif
  call[lane].want = WANT(id);
  call[lane].batch = finished[id];
  call[lane].state = SENT;
  first[id] = (call[OTHER(lane)].state == IDLE -> lane : first[id]);
  finished[id] = 0;
  look[id] = 0
}

/* What follows each event of a worker, before the next one. */
inline pump(id) {
  if
  :: PRESSING(id) && call[2 * id].state == IDLE -> send(id, 2 * id)
  :: PRESSING(id) && call[2 * id].state != IDLE && call[2 * id + 1].state == IDLE -> send(id, 2 * id + 1)
  :: !PRESSING(id) && LANE_FREE(id) -> wanted[id] = WANT(id)
  :: else
  fi
}

inline lookAgain(id) {
  dry[id] = 0;
  look[id] = 1;
  pump(id)
}

inline start(id) {
  if
  :: endAt[id] = now
  :: endAt[id] = now + 1
  :: endAt[id] = now + 3
  fi
}

inline receive(id, lane) {
  dry[id] = call[lane].taken == 0 && call[lane].want > 0;
  alarm[id] = call[lane].next;
#ifdef LOOKS
  alarm[id] = (alarm[id] > now + LOOK -> now + LOOK : alarm[id]);
#endif
  running[id] = running[id] | call[lane].taken;
  for (job : 0 .. JOBS - 1) {
    if
    :: HAS(call[lane].taken, job) -> start(job)
    :: else
    fi
  }
  call[lane].state = IDLE;
  call[lane].want = 0;
  call[lane].batch = 0;
  call[lane].taken = 0;
  call[lane].next = 0;
  first[id] = OTHER(lane);
  pump(id)
}

inline endHandler(id, ending) {
  running[id] = WITHOUT(running[id], ending);
  endAt[ending] = 0;
  finished[id] = WITH(finished[id], ending);
  if
  :: true
  :: retries > 0 -> retries--; comesAgain = WITH(comesAgain, ending)
  fi;
  pump(id)
}

#define HANDLER(ending) atomic { !dead[id] && HAS(running[id], ending) && endAt[ending] <= now -> endHandler(id, ending) }
#define RECEIVE(lane) atomic { !dead[id] && call[lane].state == ANSWERED && first[id] == lane -> receive(id, lane) }

proctype Worker(byte id) {
  d_step { pump(id); skip }
end:
  do
  :: HANDLER(0)
  :: HANDLER(1)
  :: HANDLER(2)
  :: RECEIVE(2 * id)
  :: RECEIVE(2 * id + 1)
  :: d_step { !dead[id] && wanted[id] && !blocked[id] && !woken[id] -> blocked[id] = 1 }
  :: d_step { !dead[id] && woken[id] -> woken[id] = 0; lookAgain(id); skip }
  :: d_step { !dead[id] && alarm[id] != 0 && alarm[id] <= now -> alarm[id] = 0; lookAgain(id); skip }
#ifdef LOOKS
  :: d_step { !dead[id] && second[id] <= now -> second[id] = now + LOOK; lookAgain(id); skip }
#endif
  od
}
