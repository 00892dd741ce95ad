// SPDX-License-Identifier: Apache-2.0
//
// Linux's call for keeping blocks of the disk, which the C library shows only to programs that ask for its GNU extensions
// before everything else; Swift's own import of it does not.
#include <sys/types.h>

int fallocate(int descriptor, int mode, off_t offset, off_t length);

// As in <linux/falloc.h>.
#define FALLOC_FL_KEEP_SIZE 0x01
