// netlink(7): requests, acknowledgements with the kernel's words, dumps, notifications.
using System.Runtime.InteropServices;
using TcpAo.Linux.Interop;

namespace TcpAo.Linux.Netlink;

/// <summary>
/// A netlink socket of the network namespace that the calling thread is in. One thread at a time uses it.
/// </summary>
internal sealed unsafe class NetlinkSocket : IDisposable
{
    private const int ReceiveLength = 64 * 1024;

    private readonly SafeDescriptor _descriptor;

    // on the pinned heap: the kernel writes into it
    private readonly byte[] _receiveBuffer = GC.AllocateUninitializedArray<byte>(ReceiveLength, pinned: true);
    private uint _sequence;

    private NetlinkSocket(SafeDescriptor descriptor, uint portId)
    {
        _descriptor = descriptor;
        PortId = portId;
    }

    /// <summary>The socket's own number in its namespace; the kernel knows the owner of a table by it.</summary>
    public uint PortId { get; }

    public SafeDescriptor Descriptor => _descriptor;

    /// <summary>Opens and binds a socket.</summary>
    /// <param name="protocol">NETLINK_ROUTE, NETLINK_SOCK_DIAG or NETLINK_NETFILTER.</param>
    public static NetlinkSocket Open(int protocol)
    {
        SafeDescriptor descriptor = Libc.Socket(Libc.AF_NETLINK, Libc.SOCK_RAW, protocol, "Could not open a netlink socket; the kernel may lack the protocol.");
        try
        {
            NetlinkAddress address = new() { Family = Libc.AF_NETLINK };
            if (Libc.Bind(descriptor, &address) < 0 || Libc.GetSocketName(descriptor, &address) < 0)
            {
                throw LinuxException.Last("Could not bind a netlink socket.");
            }

            _ = Libc.SetOption(descriptor, NetlinkUapi.SOL_NETLINK, NetlinkUapi.NETLINK_CAP_ACK, 1);
            _ = Libc.SetOption(descriptor, NetlinkUapi.SOL_NETLINK, NetlinkUapi.NETLINK_EXT_ACK, 1);
            return new NetlinkSocket(descriptor, address.PortId);
        }
        catch
        {
            descriptor.Dispose();
            throw;
        }
    }

    public uint NextSequence() => ++_sequence;

    public void Join(int group)
    {
        if (Libc.SetOption(_descriptor, NetlinkUapi.SOL_NETLINK, NetlinkUapi.NETLINK_ADD_MEMBERSHIP, group) < 0)
        {
            throw LinuxException.Last("Could not subscribe to netlink notifications.");
        }
    }

    /// <summary>Asks for a send buffer; beyond net.core.wmem_max only with CAP_NET_ADMIN in the first user namespace.</summary>
    /// <returns>What a message may at most have.</returns>
    public int SetSendBuffer(int bytes)
    {
        if (Libc.SetOption(_descriptor, Libc.SOL_SOCKET, Libc.SO_SNDBUFFORCE, bytes) < 0)
        {
            _ = Libc.SetOption(_descriptor, Libc.SOL_SOCKET, Libc.SO_SNDBUF, bytes);
        }

        // netlink_sendmsg keeps 32 bytes
        return Libc.GetOption(_descriptor, Libc.SOL_SOCKET, Libc.SO_SNDBUF) - 32;
    }

    /// <summary>Asks for a receive buffer; beyond net.core.rmem_max only with CAP_NET_ADMIN in the first user namespace.</summary>
    public void SetReceiveBuffer(int bytes)
    {
        if (Libc.SetOption(_descriptor, Libc.SOL_SOCKET, Libc.SO_RCVBUFFORCE, bytes) < 0)
        {
            _ = Libc.SetOption(_descriptor, Libc.SOL_SOCKET, Libc.SO_RCVBUF, bytes);
        }
    }

    public void Send(ReadOnlySpan<byte> bytes, string what)
    {
        fixed (byte* start = bytes)
        {
            NetlinkAddress kernel = new() { Family = Libc.AF_NETLINK };
            IoVector vector = new() { Base = start, Length = (nuint)bytes.Length };
            MessageHeader message = new() { Name = &kernel, NameLength = (uint)sizeof(NetlinkAddress), Vectors = &vector, VectorCount = 1 };
            if (Libc.SendMessage(_descriptor, &message, 0) < 0)
            {
                throw LinuxException.Last(what);
            }
        }
    }

    /// <summary>Receives one datagram into the socket's own buffer, which the next call overwrites.</summary>
    /// <param name="error">0, or why there is none: EAGAIN with MSG_DONTWAIT, ENOBUFS when notifications were lost.</param>
    /// <param name="flags">MSG_DONTWAIT or 0.</param>
    public ReadOnlySpan<byte> Receive(out int error, int flags = 0)
    {
        fixed (byte* start = _receiveBuffer)
        {
            IoVector vector = new() { Base = start, Length = ReceiveLength };
            NetlinkAddress sender = default;
            MessageHeader message = new() { Name = &sender, NameLength = (uint)sizeof(NetlinkAddress), Vectors = &vector, VectorCount = 1 };
            nint received = Libc.ReceiveMessage(_descriptor, &message, flags);
            error = received >= 0 ? 0 : Marshal.GetLastPInvokeError();

            // only the kernel is port 0: any process may send to a netlink socket
            return received <= 0 || sender.PortId != 0 ? [] : _receiveBuffer.AsSpan(0, (int)received);
        }
    }

    /// <summary>Sends messages of which the last asks for an acknowledgement, and waits for that.</summary>
    /// <param name="request">The messages.</param>
    /// <param name="sequence">Of the last message.</param>
    /// <param name="what">What is tried and what to do when it fails.</param>
    /// <param name="kernelText">The kernel's own words on it, where it has some.</param>
    /// <returns>0, or the errno of the first refusal.</returns>
    public int TryTransact(NetlinkBuffer request, uint sequence, string what, out string? kernelText)
    {
        int first = 0;
        string? text = null;
        Send(request.Written, what);
        Collect(FirstSequence(request), sequence, what, message =>
        {
            if (message.Type == NetlinkUapi.NLMSG_ERROR && message.Error != 0 && first == 0)
            {
                first = -message.Error;
                text = message.ExtendedAckText();
            }
        });
        kernelText = text;
        return first;
    }

    /// <summary>As <see cref="TryTransact"/>, with an exception for a refusal.</summary>
    public void Transact(NetlinkBuffer request, uint sequence, string what)
    {
        int errno = TryTransact(request, sequence, what, out string? kernelText);
        if (errno != 0)
        {
            throw Refused(errno, what, kernelText);
        }
    }

    public static LinuxException Refused(int errno, string what, string? kernelText) =>
        new(errno, kernelText is null ? what : $"{what} The kernel says: {kernelText}.");

    /// <summary>Sends a request and hands over each message of the answer until the end of the dump or the acknowledgement.</summary>
    /// <param name="request">A request with NLM_F_DUMP, or one with NLM_F_ACK.</param>
    /// <param name="sequence">Its sequence number.</param>
    /// <param name="what">What is tried and what to do when it fails.</param>
    /// <param name="handler">Gets the messages.</param>
    /// <returns>False when the kernel says that what it dumped changed meanwhile (NLM_F_DUMP_INTR).</returns>
    public bool Ask(NetlinkBuffer request, uint sequence, string what, NetlinkHandler handler)
    {
        bool isWhole = true;
        Send(request.Written, what);
        Collect(FirstSequence(request), sequence, what, message =>
        {
            isWhole &= (message.Flags & NetlinkUapi.NLM_F_DUMP_INTR) == 0;
            if (message.Type is NetlinkUapi.NLMSG_ERROR or NetlinkUapi.NLMSG_DONE)
            {
                if (message.Error < 0)
                {
                    throw Refused(-message.Error, what, message.ExtendedAckText());
                }
            }
            else
            {
                handler(message);
            }
        });
        return isWhole;
    }

    public void Dispose() => _descriptor.Dispose();

    private static uint FirstSequence(NetlinkBuffer request) => MemoryMarshal.Read<uint>(request.Written[8..]);

    /// <summary>
    /// Hands over every message of the last request up to the one that ends the answer. Sequence numbers below the request's
    /// own first are left-overs of an earlier failure and are passed over.
    /// </summary>
    private void Collect(uint firstSequence, uint lastSequence, string what, NetlinkHandler handler)
    {
        while (true)
        {
            ReadOnlySpan<byte> datagram = Receive(out int error);
            if (error != 0)
            {
                throw new LinuxException(error, error == Errno.ENOBUFS ? $"{what} The kernel's answers did not fit the receive buffer; try again." : what);
            }

            while (NetlinkMessage.TryTake(ref datagram, out NetlinkMessage message))
            {
                if (message.Sequence - firstSequence > lastSequence - firstSequence)
                {
                    continue;
                }

                handler(message);
                bool isBatchRefused = message.Type == NetlinkUapi.NLMSG_ERROR && message.Error != 0
                    && message.Sequence == firstSequence && firstSequence != lastSequence;
                if (isBatchRefused || (message.Sequence == lastSequence && (message.Type is NetlinkUapi.NLMSG_ERROR or NetlinkUapi.NLMSG_DONE)))
                {
                    return;
                }
            }
        }
    }
}
