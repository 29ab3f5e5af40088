// What Swift's Glibc module leaves out of the C library's interface to Linux.
#include <sys/epoll.h>
#include <sys/types.h>

// sched.h and fcntl.h show these to GNU sources only, which modules are not.
#define SCHED_BATCH 3
#define SYNC_FILE_RANGE_WRITE 2
#define SYNC_FILE_RANGE_WAIT_AFTER 4
int sync_file_range(int descriptor, off_t offset, off_t byte_count, unsigned int flags);

// Processors as bits of words, the first one in the lowest.
#include <stdint.h>
int sched_getaffinity(pid_t thread, size_t byte_count, uint64_t *words);
int sched_setaffinity(pid_t thread, size_t byte_count, const uint64_t *words);
