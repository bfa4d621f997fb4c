/* What `add` and `settle` do to wake somebody in time: lua/add.lua, lua/settle.lua, and the fragments promote, take, watch and wake. */
byte scheduled;
byte ready;
byte due[JOBS];
bit token; /* the list `wake` */
byte keeper = NOBODY;
byte keeperUntil;
byte armed;

/* The answer of the script that runs; `next` is 0 for none. */
hidden byte taken;
hidden byte next;

hidden byte job;
hidden byte count;
hidden byte earliest;

#ifdef PROMOTED_EARLY
#define DUE(id) (HAS(scheduled, id) && due[id] <= now + 1)
#else
#define DUE(id) (HAS(scheduled, id) && due[id] <= now)
#endif

#ifdef TOKEN_NOT_PASSED_ON
#define CUT_SHORT(wish) false
#else
#ifdef TOKEN_KEPT_BY_FULL_WORKER
#define CUT_SHORT(wish) (wish > 0 && count >= wish)
#else
#define CUT_SHORT(wish) (count >= wish)
#endif
#endif

#ifdef KEEPER_FOR_EVER
#define TAKES_OVER (keeper == NOBODY)
#else
#define TAKES_OVER (keeperUntil < now || !COVERED)
#endif

/* The keeper wakes before that. A timer for this very moment may have fired already. */
#define COVERED (armed > now && armed <= next)

#define FULL(wish) (wish == 0 || count >= wish)

inline alert() { token = 1 }

/* Somebody has to arm for this time, unless the keeper wakes before it anyway. */
inline alertBefore(time) {
  if
  :: armed < now || time < armed -> alert()
  :: else
  fi
}

inline add(id, wait) {
  if
  :: wait == 0 -> ready = WITH(ready, id); alert()
  :: else ->
     scheduled = WITH(scheduled, id);
     due[id] = now + wait;
#ifndef EARLIER_ADD_WAKES_NOBODY
     alertBefore(due[id])
#endif
  fi
}

inline keep(id) {
  keeper = id;
  keeperUntil = now + KEEP;
  armed = next
}

inline watch(id, wish) {
  if
  :: CUT_SHORT(wish) && ready != 0 -> alert()
  :: else
  fi;
  earliest = 0;
  for (job : 0 .. JOBS - 1) {
    earliest = (HAS(scheduled, job) && (earliest == 0 || due[job] < earliest) -> due[job] : earliest)
  }
  next = (earliest == 0 -> now + LOOK : (earliest < now -> now : earliest));
  if
#ifdef FULL_KEEPER_TELLS_NOBODY
  :: keeper == id && FULL(wish)
#else
  :: keeper == id && FULL(wish) && COVERED -> next = armed
#endif
  :: else ->
     if
     :: keeper == id || (!FULL(wish) && TAKES_OVER) -> keep(id)
     :: else ->
#ifndef FULL_WORKER_WAKES_NOBODY
        if
        :: FULL(wish) && earliest != 0 && !COVERED -> alert()
        :: else
        fi;
#endif
        next = 0
     fi
  fi;
#ifdef NEXT_ONLY_WITH_JOBS
  next = (count == 0 -> 0 : next)
#endif
}

inline settle(id, wish, verdicts) {
  taken = 0;
  count = 0;
  for (job : 0 .. JOBS - 1) {
    if
    :: HAS(verdicts & comesAgain, job) ->
       scheduled = WITH(scheduled, job);
       due[job] = now + BACKOFF;
       comesAgain = WITHOUT(comesAgain, job)
    :: else
    fi;
    if
    :: DUE(job) ->
       promise(never_early, due[job] <= now);
       scheduled = WITHOUT(scheduled, job);
       due[job] = 0;
       ready = WITH(ready, job)
    :: else
    fi;
    if
    :: HAS(ready, job) && count < wish ->
       ready = WITHOUT(ready, job);
       taken = WITH(taken, job);
       count++
    :: else
    fi
  }
  watch(id, wish)
}
