namespace TcpAo.Fuzz.Oracle;

/// <summary>RFC 1071 word by word, for whole packets that <see cref="SlowPacket"/> read.</summary>
internal static class Checksums
{
    public static bool IsTcpRight(byte[] packet) => TcpSum(packet, SlowPacket.Read(packet, isCapture: false)!) == 0xFFFF;

    /// <summary>True for IPv6, which has none.</summary>
    public static bool IsIPv4Right(byte[] packet) => packet[0] >> 4 != 4 || Sum(packet[..((packet[0] & 15) * 4)]) == 0xFFFF;

    /// <summary>Puts right checksums into a packet that can be read.</summary>
    public static void Fix(byte[] packet)
    {
        if (packet[0] >> 4 == 4)
        {
            Write(packet, 10, 0);
            Write(packet, 10, ~Sum(packet[..((packet[0] & 15) * 4)]));
        }

        if (SlowPacket.Read(packet, isCapture: false) is { } read)
        {
            Write(packet, read.TcpOffset + 16, 0);
            Write(packet, read.TcpOffset + 16, ~TcpSum(packet, read));
        }
    }

    public static int Sum(byte[] data)
    {
        int sum = 0;
        for (int i = 0; i < data.Length; i++)
        {
            sum += i % 2 == 0 ? data[i] << 8 : data[i];
            sum = (sum & 0xFFFF) + (sum >> 16);
        }

        return sum;
    }

    private static int TcpSum(byte[] packet, SlowPacket read)
    {
        byte[] addresses = packet[0] >> 4 == 4 ? packet[12..20] : packet[8..40];
        byte[] segment = packet[read.TcpOffset..read.End];
        return Sum([.. addresses, 0, 6, (byte)(segment.Length >> 8), (byte)segment.Length, .. segment]);
    }

    private static void Write(byte[] packet, int at, int value)
    {
        packet[at] = (byte)(value >> 8);
        packet[at + 1] = (byte)value;
    }
}
