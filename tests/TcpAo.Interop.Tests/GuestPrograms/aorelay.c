// One end of TCP sessions on Linux' own TCP-AO, for what aopeer does not do: an initial sequence number of one's choice, and a relay that puts TCP-AO in
// front of a program that knows nothing of it.
//   aorelay [-6] -c ADDRESS -p PORT [-b PORT] [-i ISN] -k KEY...   connects (from a port, with an ISN) and echoes
//   aorelay [-6] -p PORT -t PORT -k KEY...                         takes connections, one after the other, on to a port of 127.0.0.1
// KEY is ALGORITHM,HEX,SNDID,RCVID,MACLEN,FLAGS. What the kernel has counted for a connection is printed as JSON when it ends.
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

// linux/tcp.h of 6.7; the headers at hand may be older
enum { TCP_REPAIR_ = 19, TCP_REPAIR_QUEUE_ = 20, TCP_QUEUE_SEQ_ = 21, TCP_AO_ADD_KEY_ = 38, TCP_AO_INFO_ = 40, SEND_QUEUE = 2 };

struct ao_add {
    struct sockaddr_storage address;
    char algorithm[64];
    int32_t ifindex;
    uint32_t bits;
    uint16_t reserved;
    uint8_t prefix, send_id, receive_id, mac_length, flags, key_length, key[80];
} __attribute__((aligned(8)));

struct ao_info {
    uint32_t bits;
    uint16_t reserved;
    uint8_t current, rnext;
    uint64_t good, bad, key_not_found, required, dropped_icmp;
} __attribute__((aligned(8)));

static void fail(const char *what)
{
    fprintf(stderr, "aorelay: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void set(int s, int level, int option, const void *value, socklen_t length, const char *name)
{
    if (setsockopt(s, level, option, value, length))
        fail(name);
}

static void set_int(int s, int level, int option, int value, const char *name)
{
    set(s, level, option, &value, sizeof value, name);
}

// Without an address it is any
static struct sockaddr_storage endpoint(int family, const char *address, int port)
{
    struct sockaddr_storage result = { .ss_family = family };
    struct sockaddr_in *v4 = (void *)&result;
    struct sockaddr_in6 *v6 = (void *)&result;
    v4->sin_port = htons(port);
    if (address && inet_pton(family, address, family == AF_INET ? (void *)&v4->sin_addr : &v6->sin6_addr) != 1) {
        errno = EINVAL;
        fail(address);
    }
    return result;
}

// For one peer, or for all of the family
static void add_key(int s, const struct sockaddr_storage *peer, char *key)
{
    struct ao_add add = { .address.ss_family = peer->ss_family };
    char hex[161];
    unsigned send, receive, length, flags;
    if (sscanf(key, "%63[^,],%160[^,],%u,%u,%u,%u", add.algorithm, hex, &send, &receive, &length, &flags) != 6) {
        errno = EINVAL;
        fail(key);
    }
    const struct sockaddr_in *v4 = (const void *)peer;
    const struct sockaddr_in6 *v6 = (const void *)peer;
    struct sockaddr_in *add4 = (void *)&add.address;
    struct sockaddr_in6 *add6 = (void *)&add.address;
    if (peer->ss_family == AF_INET && v4->sin_addr.s_addr) {
        add4->sin_addr = v4->sin_addr;
        add.prefix = 32;
    } else if (peer->ss_family == AF_INET6 && !IN6_IS_ADDR_UNSPECIFIED(&v6->sin6_addr)) {
        add6->sin6_addr = v6->sin6_addr;
        add.prefix = 128;
    }
    add.send_id = send;
    add.receive_id = receive;
    add.mac_length = length;
    add.flags = flags;
    for (; add.key_length < strlen(hex) / 2; add.key_length++)
        sscanf(hex + 2 * add.key_length, "%2hhx", &add.key[add.key_length]);
    set(s, IPPROTO_TCP, TCP_AO_ADD_KEY_, &add, sizeof add, "TCP_AO_ADD_KEY");
}

// Before the socket connects, the kernel takes the number as its ISN
static void set_isn(int s, uint32_t isn)
{
    set_int(s, IPPROTO_TCP, TCP_REPAIR_, 1, "TCP_REPAIR");
    set_int(s, IPPROTO_TCP, TCP_REPAIR_QUEUE_, SEND_QUEUE, "TCP_REPAIR_QUEUE");
    set_int(s, IPPROTO_TCP, TCP_QUEUE_SEQ_, (int)isn, "TCP_QUEUE_SEQ");
    set_int(s, IPPROTO_TCP, TCP_REPAIR_, 0, "TCP_REPAIR");
}

static void write_all(int to, const char *data, ssize_t length)
{
    for (ssize_t done = 0, now; done < length; done += now)
        if ((now = write(to, data + done, length - done)) < 0)
            fail("write");
}

// Both ways until either end closes; to itself it is an echo
static unsigned long pump(int a, int b)
{
    static char data[1 << 16];
    unsigned long bytes = 0;
    for (;;) {
        struct pollfd ends[] = { { .fd = a, .events = POLLIN }, { .fd = b, .events = POLLIN } };
        if (poll(ends, a == b ? 1 : 2, -1) < 0)
            fail("poll");
        for (int i = 0; i < 2; i++) {
            if (!ends[i].revents)
                continue;
            ssize_t got = read(ends[i].fd, data, sizeof data);
            if (got <= 0)
                return bytes;
            write_all(i ? a : b, data, got);
            bytes += got;
        }
    }
}

static void report(int s, unsigned long bytes)
{
    struct ao_info info = { 0 };
    socklen_t length = sizeof info;
    int has_ao = !getsockopt(s, IPPROTO_TCP, TCP_AO_INFO_, &info, &length);
    printf("{\"role\":\"relay\",\"bytes\":%lu,\"end\":\"eof\",\"ao\":%s,\"good\":%lu,\"bad\":%lu,\"key_not_found\":%lu,\"ao_required\":%lu,\"current\":%u,\"rnext\":%u}\n",
        bytes, has_ao ? "true" : "false", (unsigned long)info.good, (unsigned long)info.bad, (unsigned long)info.key_not_found, (unsigned long)info.required,
        info.current, info.rnext);
    fflush(stdout);
}

static void relay(int listener, int target)
{
    for (;;) {
        int from = accept(listener, 0, 0);
        int to = socket(AF_INET, SOCK_STREAM, 0);
        struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(target), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
        if (from < 0 || connect(to, (void *)&address, sizeof address))
            fail("accept or connect");
        report(from, pump(from, to));
        close(from);
        close(to);
    }
}

int main(int count, char **arguments)
{
    char *remote = 0, *keys[8];
    int key_count = 0, port = 0, bound = 0, target = 0, family = AF_INET, option;
    uint32_t isn = 0;
    while ((option = getopt(count, arguments, "6c:p:b:i:t:k:")) != -1) {
        switch (option) {
        case '6': family = AF_INET6; break;
        case 'c': remote = optarg; break;
        case 'p': port = atoi(optarg); break;
        case 'b': bound = atoi(optarg); break;
        case 'i': isn = strtoul(optarg, 0, 0); break;
        case 't': target = atoi(optarg); break;
        case 'k': if (key_count < 8) keys[key_count++] = optarg; break;
        default: return 2;
        }
    }
    if (!port || !remote == !target)
        return 2;

    struct sockaddr_storage address = endpoint(family, remote, port);
    int s = socket(family, SOCK_STREAM, 0);
    set_int(s, SOL_SOCKET, SO_REUSEADDR, 1, "SO_REUSEADDR");
    for (int i = 0; i < key_count; i++)
        add_key(s, &address, keys[i]);
    if (target) {
        if (bind(s, (void *)&address, sizeof address) || listen(s, 4))
            fail("listen");
        relay(s, target);
    }

    struct sockaddr_storage local = endpoint(family, 0, bound);
    if (bind(s, (void *)&local, sizeof local))
        fail("bind");
    if (isn)
        set_isn(s, isn);
    if (connect(s, (void *)&address, sizeof address))
        fail("connect");
    report(s, pump(s, s));
    return 0;
}
