using System.Buffers.Binary;
using TcpAo.Wire;
using Xunit;

namespace TcpAo.Tests.Wire;

/// <summary>RFC 1071 and RFC 1624.</summary>
public sealed class InternetChecksumTests
{
    [Fact]
    public void Sum_OfTheExampleOfRfc1071_IsAsPrinted()
    {
        ReadOnlySpan<byte> data = [0x00, 0x01, 0xF2, 0x03, 0xF4, 0xF5, 0xF6, 0xF7];
        Assert.Equal(0xDDF2, InternetChecksum.Sum(data));
        Assert.Equal(0x220D, InternetChecksum.Compute(data));
    }

    [Fact]
    public void Update_OfTheExampleOfRfc1624_IsAsPrinted() =>
        Assert.Equal(0x0000, InternetChecksum.Update(0xDD2F, 0x5555, 0x3285));

    [Fact]
    public void Update_OfAChecksumWrittenAsAllOnes_IsThatOfZero()
    {
        Assert.Equal(InternetChecksum.Update(0x0000, 0xFFFF, 0x0000), InternetChecksum.Update(0xFFFF, 0xFFFF, 0x0000));
        Assert.Equal(0x0000, InternetChecksum.Update(0xFFFF, 0x1234, 0x1234));
    }

    [Fact]
    public void Update_ForEveryPairOfCornerWords_IsTheFullChecksum()
    {
        ushort[] corners = [0x0000, 0x0001, 0x00FF, 0x0100, 0x7FFF, 0x8000, 0xFFFE, 0xFFFF];
        byte[] data = new byte[6];
        data[0] = 0x45; // never all zero, as no header is
        foreach (ushort oldWord in corners)
        {
            foreach (ushort newWord in corners)
            {
                for (int other = 0; other <= 0xFFFF; other += 0x33)
                {
                    BinaryPrimitives.WriteUInt16BigEndian(data.AsSpan(4), (ushort)other);
                    BinaryPrimitives.WriteUInt16BigEndian(data.AsSpan(2), oldWord);
                    ushort before = InternetChecksum.Compute(data);
                    BinaryPrimitives.WriteUInt16BigEndian(data.AsSpan(2), newWord);
                    Assert.Equal(InternetChecksum.Compute(data), InternetChecksum.Update(before, oldWord, newWord));
                }
            }
        }
    }

    [Theory]
    [InlineData(19)]
    [InlineData(61)]
    public void IPv4Header_OfImpossibleLength_IsAnArgumentError(int length) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => InternetChecksum.ComputeIPv4Header(new byte[length]));

    [Fact]
    public void IPv4Header_OfLinux_HasItsChecksum()
    {
        foreach (byte[] packet in Packets.Vectors("linux-kernel-7.2.json").Select(v => Packets.Hex(v)))
        {
            if (packet[0] == 0x45)
            {
                Assert.Equal(BinaryPrimitives.ReadUInt16BigEndian(packet.AsSpan(10)), InternetChecksum.ComputeIPv4Header(packet.AsSpan(0, 20)));
            }
        }
    }
}
