// packet(7), sendmmsg(2).
using System.Runtime.InteropServices;

namespace TcpAo.Linux.Interop;

internal static unsafe partial class Libc
{
    public const int AF_PACKET = 17;
    public const int SOL_PACKET = 263;
    public const int PACKET_VNET_HDR = 15;
    public const int PACKET_QDISC_BYPASS = 20;
    public const int PACKET_IGNORE_OUTGOING = 23;
    public const int SO_ATTACH_FILTER = 26;
    public const ushort ARPHRD_ETHER = 1;
    public const byte PACKET_HOST = 0;

    /// <summary>ETH_P_ALL in network order.</summary>
    public const ushort AllProtocols = 0x0300;

    public static int Bind(SafeDescriptor descriptor, PacketAddress* address) => bind(descriptor, address, (uint)sizeof(PacketAddress));

    /// <summary>Has a socket take only what a program of classic BPF lets through.</summary>
    public static int AttachFilter(SafeDescriptor descriptor, ReadOnlySpan<BpfInstruction> program)
    {
        fixed (BpfInstruction* instructions = program)
        {
            var filter = new BpfProgram { Length = (ushort)program.Length, Instructions = instructions };
            return setsockopt(descriptor, SOL_SOCKET, SO_ATTACH_FILTER, &filter, (uint)sizeof(BpfProgram));
        }
    }

    /// <summary>sendmmsg, again after a signal.</summary>
    /// <returns>How many were sent; negative with the error in the last P/Invoke error where the first was not.</returns>
    public static int SendMessages(SafeDescriptor descriptor, MultiMessageHeader* messages, int count, int flags)
    {
        int sent;
        do
        {
            sent = sendmmsg(descriptor, messages, (uint)count, flags);
        }
        while (sent < 0 && Marshal.GetLastPInvokeError() == Errno.EINTR);
        return sent;
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int sendmmsg(SafeDescriptor descriptor, MultiMessageHeader* messages, uint count, int flags);
}
