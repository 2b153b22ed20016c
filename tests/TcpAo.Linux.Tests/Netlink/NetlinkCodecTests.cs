using System.Runtime.CompilerServices;
using TcpAo.Linux.Interop;
using TcpAo.Linux.Netlink;
using Xunit;

namespace TcpAo.Linux.Tests.Netlink;

/// <summary>Messages and attributes as netlink(7) lays them out, and what is made of broken ones.</summary>
public sealed class NetlinkCodecTests
{
    [Fact]
    public void Message_Written_ReadsBack()
    {
        NetlinkBuffer buffer = new(16);
        buffer.BeginNetfilter(10, 6, 5, 77, 1, 0x1234);
        buffer.PutString(1, "tcpao");
        int nested = buffer.BeginNested(2);
        buffer.PutU32Network(3, 0x01020304);
        buffer.PutU16Network(4, 0x0506);
        buffer.PutU8(5, 7);
        buffer.EndNested(nested);
        buffer.End();

        // nlmsghdr, nfgenmsg, "tcpao" with its zero and padding, the nest with 8 + 6 + 2 + 5 + 3
        Assert.Equal(
            "3C000000060A05004D0000000000000001001234" + "0A000100746370616F000000" + "1C000280" + "0800030001020304" + "0600040005060000" + "0500050007000000",
            Convert.ToHexString(buffer.Written));
        ReadOnlySpan<byte> datagram = buffer.Written;
        Assert.True(NetlinkMessage.TryTake(ref datagram, out NetlinkMessage message));
        Assert.Equal((0x0A06, 5, 77u), (message.Type, message.Flags, message.Sequence));
        Assert.Equal("tcpao", message.NetfilterAttributes.FindText(1));
        NetlinkAttributes attributes = message.NetfilterAttributes;
        Assert.True(attributes.MoveNext() && attributes.MoveNext());
        NetlinkAttributes inner = attributes.Nested;
        Assert.True(inner.MoveNext());
        Assert.Equal((3, 0x01020304u), (inner.Type, inner.U32Network));
        Assert.False(NetlinkMessage.TryTake(ref datagram, out _));
    }

    [Fact]
    public void Nest_TooLong_IsRefused()
    {
        NetlinkBuffer buffer = new();
        int nested = buffer.BeginNested(1);
        buffer.Put(2, new byte[65_000]);
        buffer.Put(2, new byte[1_000]);
        Assert.Throws<InvalidOperationException>(() => buffer.EndNested(nested));
    }

    [Fact]
    public void Bytes_OfAnyKind_AreWalkedToAnEnd()
    {
        Random random = new(5925);
        byte[] bytes = new byte[96];
        for (int i = 0; i < 20_000; i++)
        {
            random.NextBytes(bytes);

            // lengths that make sense now and then
            bytes[0] = (byte)random.Next(0, 100);
            bytes[1] = bytes[2] = bytes[3] = 0;
            bytes[20] = (byte)random.Next(0, 40);
            bytes[21] = 0;
            ReadOnlySpan<byte> datagram = bytes.AsSpan(0, random.Next(0, bytes.Length + 1));
            while (NetlinkMessage.TryTake(ref datagram, out NetlinkMessage message))
            {
                _ = message.ExtendedAckText();
                _ = message.Error;
                NetlinkAttributes attributes = message.NetfilterAttributes;
                while (attributes.MoveNext())
                {
                    _ = (attributes.Text, attributes.U32, attributes.U32Network, attributes.U64Network);
                }
            }
        }
    }

    [Fact]
    public void Structures_OfLibc_HaveTheirSizes()
    {
        // printed by a C program on x86-64 (glibc); the same on every 64-bit Linux
        Assert.Equal((56, 64, 16, 12, 8), (
            Unsafe.SizeOf<MessageHeader>(), Unsafe.SizeOf<MultiMessageHeader>(), Unsafe.SizeOf<IoVector>(), Unsafe.SizeOf<NetlinkAddress>(), Unsafe.SizeOf<PollDescriptor>()));
    }
}
