// What Swift's Glibc module leaves out of the C library's interface to Linux.
#include <sys/epoll.h>
#include <sys/types.h>

// sched.h and fcntl.h show these to GNU sources only, which modules are not.
#define SCHED_BATCH 3
#define F_SETLEASE 1024
#define F_SETSIG 10
#define SYNC_FILE_RANGE_WRITE 2
#define SYNC_FILE_RANGE_WAIT_AFTER 4
int sync_file_range(int descriptor, off_t offset, off_t byte_count, unsigned int flags);
