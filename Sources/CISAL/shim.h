// SPDX-License-Identifier: Apache-2.0
#include <isa-l.h>

// ISAL_DEF_LVL1_DEFAULT: a macro of a sum, which Swift does not see.
static const unsigned stele_isal_table_size = ISAL_DEF_LVL1_DEFAULT;
