#ifndef OFC_ALLOCATION_COUNTER_H
#define OFC_ALLOCATION_COUNTER_H
/// How often the process has allocated since it began. Linking this target replaces malloc and its relatives by
/// versions that count.
unsigned long ofc_allocation_count(void);
#endif
