// SPDX-License-Identifier: Apache-2.0
#include <zlib.h>

#ifdef __linux__
#include <sys/types.h>

// The C library declares this under _GNU_SOURCE only, which Swift's view of it is built without.
extern int fallocate(int descriptor, int mode, off_t offset, off_t length);

// FALLOC_FL_KEEP_SIZE of <linux/falloc.h>.
static const int stele_fallocate_keep_size = 1;
#endif
