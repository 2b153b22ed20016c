// Calls with a structure that another thread rewrites, on a descriptor that a third one closes and opens again, with lengths and pointers of all kinds.
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

static unsigned char *shared;
static atomic_int slot, is_over;

static void *rewrite(void *unused)
{
    for (unsigned char value = 0; !is_over; value++)
        memset(shared, value, 288);
    return unused;
}

static void *reopen(void *unused)
{
    while (!is_over) {
        int s = socket(AF_INET, SOCK_STREAM, 0);
        dup2(s, slot);
        close(s);
        close(slot);
    }
    return unused;
}

static void *map(void *unused)
{
    while (!is_over) {
        mprotect(shared, 4096, PROT_NONE);
        mprotect(shared, 4096, PROT_READ | PROT_WRITE);
    }
    return unused;
}

int main(int count, char **arguments)
{
    int rounds = atoi(arguments[1]);
    unsigned random = 1;
    pthread_t threads[2];
    shared = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    slot = 700;
    // one that nobody disturbs, so that there is one however the threads are scheduled
    int first = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(first, 6, 38, shared, 288);
    close(first);
    void *(*kinds[])(void *) = { arguments[2][0] == 'm' ? map : rewrite, reopen };
    for (int i = 0; i < 2; i++)
        pthread_create(&threads[i], 0, kinds[i], 0);
    for (int round = 0; round < rounds; round++) {
        random = random * 1664525 + 1013904223;
        void *value = (random >> 24) % 5 == 0 ? (void *)(unsigned long)random : shared + (random >> 26);
        socklen_t length = (random >> 16) % 3 == 0 ? (socklen_t)random : 288;
        if (random & 0x8000)
            setsockopt(slot, 6, 38, value, length);
        else
            getsockopt(slot, 6, 40, value, (random >> 12) % 7 == 0 ? (socklen_t *)8 : &length);
    }
    is_over = 1;
    if (arguments[2][0] == 'r')
        for (int i = 0; i < 2; i++)
            pthread_join(threads[i], 0);
    return 42;
}
