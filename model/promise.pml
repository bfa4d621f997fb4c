/*
 * A promise that is broken stops the search; the name of the promise stands in the trail, where run.mjs reads it.
 * Each model declares the names of its promises with mtype before it includes this file.
 */
hidden mtype broken;

inline promise(name, holds) {
  if
  :: holds
  :: else -> broken = name; assert(broken != name)
  fi
}
