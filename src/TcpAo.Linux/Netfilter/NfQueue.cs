// linux/netfilter/nfnetlink_queue.h; facts/data-plane.md for what was measured: one recvmmsg and one sendmsg of packed
// verdicts a batch is what the rate depends on.
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TcpAo.Linux.Interop;
using TcpAo.Linux.Netlink;

namespace TcpAo.Linux.Netfilter;

/// <summary>
/// A netfilter queue of the network namespace that the thread was in when it bound it. Packets are copied whole, segmented
/// and with final checksums by the kernel; nothing passes without a verdict, and nothing when the queue is full or its
/// process is dead (no fail-open flag, no bypass).
/// </summary>
/// <remarks>
/// One thread at a time receives, decides and completes; nothing is allocated for a packet. <see cref="Wake"/> and
/// <see cref="Dispose"/> may be called by others.
/// </remarks>
/// <example>
/// <code>
/// using NfQueue queue = NfQueue.Bind(100);
/// while (queue.TryReceive(1000, out NfQueueBatch batch) || !stopping)
/// {
///     foreach (NfQueuePacket packet in batch)
///     {
///         packet.Accept();
///     }
///
///     queue.Complete();
/// }
/// </code>
/// </example>
public sealed unsafe partial class NfQueue : IDisposable
{
    /// <summary>
    /// The longest packet that the kernel hands over and takes back whole: 65535 less an attribute header. What a loopback
    /// interface carries may be longer by four bytes: the MSS has to be lowered for that too.
    /// </summary>
    public const int MaxPayload = ushort.MaxValue - NetlinkUapi.AttributeHeaderLength;

    // headers and attributes before the payload: about 120 bytes
    private const int MetadataRoom = 512;
    private const int MaxBatchBytes = 1 << 20;

    private readonly NetlinkSocket _socket;
    private readonly int _slotLength;
    private readonly int _sendLimit;
    private readonly byte[] _buffers;
    private readonly byte[] _smallVerdicts;
    private readonly MultiMessageHeader[] _headers;
    private readonly IoVector[] _vectors;
    private readonly IoVector[] _sendVectors;
    private readonly NfQueueSlot[] _slots;
    private int _timeout = -1;
    private int _received;

    private NfQueue(NetlinkSocket socket, ushort number, NfQueueOptions options)
    {
        _socket = socket;
        Number = number;
        _slotLength = MetadataRoom + MaxPayload + NetlinkUapi.Align(options.GrowRoom) + NetlinkUapi.AttributeHeaderLength;
        _slotLength = (_slotLength + 63) & ~63;
        _sendLimit = Math.Min(MaxBatchBytes, socket.SetSendBuffer(2 * MaxBatchBytes));
        _buffers = GC.AllocateUninitializedArray<byte>(_slotLength * options.BatchSize, pinned: true);
        _smallVerdicts = GC.AllocateArray<byte>(SmallVerdictLength * options.BatchSize, pinned: true);
        _headers = GC.AllocateArray<MultiMessageHeader>(options.BatchSize, pinned: true);
        _vectors = GC.AllocateArray<IoVector>(options.BatchSize, pinned: true);
        _sendVectors = GC.AllocateArray<IoVector>(options.BatchSize, pinned: true);
        _slots = new NfQueueSlot[options.BatchSize];
        for (int i = 0; i < options.BatchSize; i++)
        {
            _vectors[i].Base = Unsafe.AsPointer(ref _buffers[i * _slotLength]);
            _vectors[i].Length = (nuint)(_slotLength - options.GrowRoom);
            _headers[i].Header.Vectors = (IoVector*)Unsafe.AsPointer(ref _vectors[i]);
            _headers[i].Header.VectorCount = 1;
        }
    }

    /// <summary>Number of the queue.</summary>
    public int Number { get; }

    /// <summary>Verdicts that the kernel refused: its packet was gone, because the rules that queued it were taken away.</summary>
    public long RefusedVerdicts { get; private set; }

    /// <summary>Binds a queue of the network namespace that the calling thread is in.</summary>
    /// <param name="number">Number of the queue, 0 to 65535.</param>
    /// <param name="options">How; null for the defaults.</param>
    /// <exception cref="LinuxException">CAP_NET_ADMIN is missing, or another socket has the queue.</exception>
    public static NfQueue Bind(ushort number, NfQueueOptions? options = null)
    {
        options ??= new NfQueueOptions();
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.MaxLength);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.ReceiveBufferBytes);
        ArgumentOutOfRangeException.ThrowIfNegative(options.GrowRoom);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.BatchSize - 1u, 255u, nameof(options));
        NetlinkSocket socket = NetlinkSocket.Open(NetlinkUapi.NETLINK_NETFILTER);
        try
        {
            socket.SetReceiveBuffer(options.ReceiveBufferBytes);

            // overflows are in the statistics; an error here would only delay the packets that did arrive
            _ = Libc.SetOption(socket.Descriptor, NetlinkUapi.SOL_NETLINK, NetlinkUapi.NETLINK_NO_ENOBUFS, 1);
            Configure(socket, number, options);
            return new NfQueue(socket, number, options);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Receives up to a batch of packets and waits for the first one. Complete the batch before the next call.</summary>
    /// <param name="timeoutMilliseconds">How long to wait, -1 without end, 0 not at all.</param>
    /// <param name="batch">The packets.</param>
    /// <returns>False after the timeout or a <see cref="Wake"/>.</returns>
    /// <exception cref="InvalidOperationException">The last batch was not completed.</exception>
    public bool TryReceive(int timeoutMilliseconds, out NfQueueBatch batch)
    {
        if (_received != 0)
        {
            throw new InvalidOperationException("Complete the batch before the next one is received.");
        }

        int received = Receive(timeoutMilliseconds);
        int packets = 0;
        for (int i = 0; i < received; i++)
        {
            Parse(i);
            packets += _slots[i].IsPacket ? 1 : 0;
        }

        _received = packets > 0 ? received : 0;
        batch = new NfQueueBatch(this, _received);
        return packets > 0;
    }

    /// <summary>Ends the wait of <see cref="TryReceive"/>, or the next one.</summary>
    public void Wake()
    {
        if (_socket.Descriptor.IsClosed)
        {
            return;
        }

        // a message to ourselves: the loop waits in the very call that receives. Where it does not fit there are packets, and nobody waits.
        Span<byte> message = stackalloc byte[NetlinkUapi.HeaderLength];
        message.Clear();
        MemoryMarshal.Write(message, NetlinkUapi.HeaderLength);
        MemoryMarshal.Write(message[sizeof(int)..], NetlinkUapi.NLMSG_NOOP);
        fixed (byte* bytes = message)
        {
            IoVector vector = new() { Base = bytes, Length = NetlinkUapi.HeaderLength };
            NetlinkAddress self = new() { Family = Libc.AF_NETLINK, PortId = _socket.PortId };
            MessageHeader header = new() { Name = &self, NameLength = (uint)sizeof(NetlinkAddress), Vectors = &vector, VectorCount = 1 };
            _ = Libc.SendMessage(_socket.Descriptor, &header, Libc.MSG_DONTWAIT);
        }
    }

    /// <summary>Gives the queue up. Packets without a verdict are dropped by the kernel, and from then on every packet that the rules send here.</summary>
    public void Dispose()
    {
        _socket.Dispose();
    }

    internal Span<byte> Buffer => _buffers;

    internal bool IsPacket(int index) => _slots[index].IsPacket;

    internal NfQueuePacket PacketAt(int index)
    {
        ref NfQueueSlot slot = ref _slots[index];

        // four bytes stay free for the padding of the verdict's last attribute
        int end = ((index + 1) * _slotLength) - NetlinkUapi.AttributeHeaderLength;
        return new NfQueuePacket(ref slot, _buffers.AsSpan(slot.PayloadOffset, Math.Min(end - slot.PayloadOffset, MaxPayload)));
    }

    private static void Configure(NetlinkSocket socket, ushort number, NfQueueOptions options)
    {
        const string what = "Could not bind a netfilter queue; CAP_NET_ADMIN is needed.";
        NetlinkBuffer buffer = new();
        Span<byte> command = BeginConfig(buffer, socket, number, out uint sequence).Reserve(NfQueueUapi.NFQA_CFG_CMD, 4);
        command[0] = NfQueueUapi.NFQNL_CFG_CMD_BIND;
        buffer.End();
        int errno = socket.TryTransact(buffer, sequence, what, out string? kernelText);
        if (errno != 0)
        {
            throw NetlinkSocket.Refused(
                errno,
                (errno is Errno.EBUSY or Errno.EPERM) && NfQueueStatistics.Read().Any(queue => queue.Queue == number) ? $"Netfilter queue {number} is taken by another process; /proc/net/netfilter/nfnetlink_queue names its netlink port." : what,
                kernelText);
        }

        // one request each: kernels before 3.6 know no flags, and none takes half of a request back
        Span<byte> parameters = BeginConfig(buffer, socket, number, out sequence).Reserve(NfQueueUapi.NFQA_CFG_PARAMS, 5);
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(parameters, ushort.MaxValue);
        parameters[4] = NfQueueUapi.NFQNL_COPY_PACKET;
        buffer.PutU32Network(NfQueueUapi.NFQA_CFG_QUEUE_MAXLEN, (uint)options.MaxLength);
        buffer.PutU32Network(NfQueueUapi.NFQA_CFG_FLAGS, 0);
        buffer.PutU32Network(
            NfQueueUapi.NFQA_CFG_MASK,
            NfQueueUapi.NFQA_CFG_F_FAIL_OPEN | NfQueueUapi.NFQA_CFG_F_CONNTRACK | NfQueueUapi.NFQA_CFG_F_GSO | NfQueueUapi.NFQA_CFG_F_UID_GID);
        buffer.End();
        socket.Transact(buffer, sequence, "Could not configure a netfilter queue.");
    }

    private static NetlinkBuffer BeginConfig(NetlinkBuffer buffer, NetlinkSocket socket, ushort number, out uint sequence)
    {
        buffer.Clear();
        sequence = socket.NextSequence();
        buffer.BeginNetfilter(
            NetlinkUapi.NFNL_SUBSYS_QUEUE, NfQueueUapi.NFQNL_MSG_CONFIG, NetlinkUapi.NLM_F_REQUEST | NetlinkUapi.NLM_F_ACK, sequence, 0, number);
        return buffer;
    }

    /// <summary>One call for a whole batch: it waits for the first packet and takes what else is there.</summary>
    private int Receive(int timeoutMilliseconds)
    {
        if (timeoutMilliseconds != 0 && timeoutMilliseconds != _timeout)
        {
            if (Libc.SetReceiveTimeout(_socket.Descriptor, timeoutMilliseconds) < 0)
            {
                throw LinuxException.Last($"Could not set how long netfilter queue {Number} waits.");
            }

            _timeout = timeoutMilliseconds;
        }

        fixed (MultiMessageHeader* headers = _headers)
        {
            int received = Libc.ReceiveMessages(_socket.Descriptor, headers, _headers.Length, timeoutMilliseconds == 0 ? Libc.MSG_DONTWAIT : Libc.MSG_WAITFORONE);
            if (received >= 0)
            {
                return received;
            }

            int errno = Marshal.GetLastPInvokeError();
            return errno is Errno.EAGAIN or Errno.ENOBUFS ? 0 : throw new LinuxException(errno, $"Could not receive from netfilter queue {Number}.");
        }
    }
}
