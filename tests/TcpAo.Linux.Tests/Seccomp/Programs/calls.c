// Makes the socket calls with bare system calls: no C library, static. Exit code: one bit for each call that was answered as the test's handler answers.
typedef unsigned long word;
static int key[72], info[12], length;
static struct { unsigned short family, port; unsigned address; char rest[8]; } peer;

#if defined(__i386__)
static int call(int number, word a, word b, word c, word d, word e)
{
    int result;
    __asm__ volatile("int $0x80" : "=a"(result) : "0"(number), "b"(a), "c"(b), "d"(c), "S"(d), "D"(e) : "memory");
    return result;
}
enum { SOCKET = 359, SET = 366, GET = 365, CONNECT = 362, MULTIPLEXED = 102, EXIT = 1 };
#elif defined(__x86_64__)
static int call(int number, word a, word b, word c, word d, word e)
{
    long result;
    register word r10 __asm__("r10") = d;
    register word r8 __asm__("r8") = e;
    __asm__ volatile("syscall" : "=a"(result) : "0"((long)number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8) : "rcx", "r11", "memory");
    return (int)result;
}
enum { SOCKET = 41, SET = 54, GET = 55, CONNECT = 42, EXIT = 60, NARROW = 0x40000000 };
#else
#error "this program is for x86"
#endif

static int is_answered(int result)
{
    int is = result == 0 && length == 32 && info[0] == 0x5a5a5a5a;
    info[0] = 0;
    length = sizeof info;
    return is;
}

void _start(void)
{
    int done = 0;
    int s = call(SOCKET, 2, 1, 0, 0, 0);
    peer.family = 2;
    length = sizeof info;
    done |= call(SET, s, 6, 38, (word)key, sizeof key) == 0 ? 1 : 0;
    done |= is_answered(call(GET, s, 6, 40, (word)info, (word)&length)) ? 2 : 0;
    done |= call(CONNECT, s, (word)&peer, sizeof peer, 0, 0) == -129 ? 4 : 0;
#if defined(__i386__)
    word set[] = { s, 6, 38, (word)key, sizeof key };
    word get[] = { s, 6, 40, (word)info, (word)&length };
    word to[] = { s, (word)&peer, sizeof peer };
    word other[] = { s, 6, 1, (word)&peer, 4 };
    done |= call(MULTIPLEXED, 14, (word)set, 0, 0, 0) == 0 ? 8 : 0;
    done |= is_answered(call(MULTIPLEXED, 15, (word)get, 0, 0, 0)) ? 16 : 0;
    done |= call(MULTIPLEXED, 3, (word)to, 0, 0, 0) == -129 ? 32 : 0;
    done |= call(MULTIPLEXED, 14, (word)other, 0, 0, 0) == 0 && call(MULTIPLEXED, 14, 8, 0, 0, 0) == -14 ? 64 : 0;
#else
    done |= call(NARROW | 541, s, 6, 38, (word)key, sizeof key) == 0 ? 8 : 0;
    done |= is_answered(call(NARROW | 542, s, 6, 40, (word)info, (word)&length)) ? 16 : 0;
    done |= call(NARROW | 42, s, (word)&peer, sizeof peer, 0, 0) == -129 ? 32 : 0;
#endif
    call(EXIT, done, 0, 0, 0, 0);
    for (;;)
        ;
}
