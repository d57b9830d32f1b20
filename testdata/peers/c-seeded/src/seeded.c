/* The one fault of this build. */
#include "seeded.h"

#ifndef FAULT
#define FAULT NONE
#endif

const ockam_fault seeded = FAULT;
