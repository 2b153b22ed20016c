"""A program with TCP-AO sockets that does what it is told: a line of Python in (lines of it are parted by a unit separator), a line with its value out, or the error's name."""
import ctypes, errno, gc, mmap, os, resource, signal, socket, struct, sys, threading, time

ADD, DEL, INFO, KEYS, REPAIR = 38, 39, 40, 41, 42
SECRET = 'a secret of both ends'
libc = ctypes.CDLL(None, use_errno=True)


def tcp(address=None, port=0):
    """A socket of an address' family, bound to it where one is given."""
    s = socket.socket(socket.AF_INET6 if address is None or ':' in address else socket.AF_INET, socket.SOCK_STREAM)
    s.settimeout(20)
    if address is not None:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        s.bind((address, port))
    return s


def name(address):
    """struct sockaddr_storage with an address and no port."""
    if ':' in address:
        return struct.pack('=HHI16sI100x', socket.AF_INET6, 0, 0, socket.inet_pton(socket.AF_INET6, address), 0)
    return struct.pack('=HH4s120x', socket.AF_INET, 0, socket.inet_pton(socket.AF_INET, address))


def addition(peer, send, receive, secret=SECRET, prefix=None, algorithm='hmac(sha1)', mac=12, choose=0):
    """struct tcp_ao_add."""
    bits = {'0.0.0.0': 0, '::': 0}.get(peer, 128 if ':' in peer else 32) if prefix is None else prefix
    secret = secret.encode()
    return name(peer) + struct.pack('=64siIH6B80s', algorithm.encode(), 0, choose, 0, bits, send, receive, mac, 0, len(secret), secret)


def add(s, *arguments, **more):
    s.setsockopt(6, ADD, addition(*arguments, **more))


def delete(s, peer, send, receive, prefix=None):
    bits = (128 if ':' in peer else 32) if prefix is None else prefix
    s.setsockopt(6, DEL, name(peer) + struct.pack('=iIH6B', 0, 0, 0, bits, send, receive, 0, 0, 0))


def info(s):
    """current_key, rnext_key and the five counters: good, bad, key not found, required, ICMPs."""
    return struct.unpack('=IHBB5Q', option(s, INFO, bytes(48)))[2:]


def option(s, number, value, length=None):
    """getsockopt() with what the kernel reads before it writes."""
    buffer = ctypes.create_string_buffer(value, len(value))
    call(libc.getsockopt, s.fileno(), 6, number, buffer, ctypes.byref(ctypes.c_int(len(value) if length is None else length)))
    return buffer.raw


def secrets(s):
    """The secrets of a socket's keys."""
    value = bytearray(304 * 8)
    struct.pack_into('=IH', value, 272, 8, 4)
    value = option(s, KEYS, bytes(value), 304)
    count = struct.unpack_from('=I', value, 272)[0]
    return [bytes(value[at + 192:at + 192 + value[at + 283]]).decode() for at in range(0, 304 * count, 304)]


def call(function, *arguments):
    ctypes.set_errno(0)
    result = function(*arguments)
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


def listen(address, port, *keys, backlog=64):
    s = tcp(address, port)
    for key in keys:
        add(s, *key)
    s.listen(backlog)
    return s


def connect(address, port, *keys, source=None, wait=20):
    s = tcp(source if source is not None else '::' if ':' in address else '0.0.0.0')
    s.settimeout(wait)
    for key in keys:
        add(s, *key)
    s.connect((address, port))
    return s


def receive(s, length):
    got = b''
    while len(got) < length:
        more = s.recv(min(1 << 16, length - len(got)))
        if not more:
            raise EOFError(len(got))
        got += more
    return got


def state(s):
    """As tcp(7) numbers it: 1 established, 7 closed."""
    return s.getsockopt(6, 11, 1)[0]


def counters():
    """Those of TCP-AO in /proc/net/netstat."""
    names, values = [line.split() for line in open('/proc/net/netstat') if line.startswith('TcpExt:')]
    return {n: int(v) for n, v in zip(names, values) if n.startswith('TCPAO')}


def main():
    scope = globals()
    for line in iter(sys.stdin.readline, ''):
        line = line.replace('\x1f', '\n')
        try:
            try:
                value = eval(line, scope)
            except SyntaxError:
                value = exec(line, scope)
            answer = repr(value)
        except socket.timeout:
            answer = 'ETIMEDOUT'
        except OSError as error:
            answer = errno.errorcode.get(error.errno, str(error))
        except Exception as error:
            answer = '%s: %s' % (type(error).__name__, error)
        print(answer, flush=True)


if __name__ == '__main__':
    main()
