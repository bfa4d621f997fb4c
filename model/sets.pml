/* Sets are masks of bits. */
#define HAS(set, member) (((set) >> (member)) & 1)
#define WITH(set, member) ((set) | (1 << (member)))
#define WITHOUT(set, member) ((set) & ~(1 << (member)))
