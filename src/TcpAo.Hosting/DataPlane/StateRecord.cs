using System.Buffers.Binary;
using System.Security.Cryptography;
using TcpAo.Connections;
using TcpAo.Keys;

namespace TcpAo.Hosting.DataPlane;

/// <summary>
/// One connection in a state file, 128 bytes, little-endian: version, the connection, fingerprints of its two keys, and a check of all of it, so that a
/// record which a crash cut short is told from a whole one.
/// </summary>
internal static class StateRecord
{
    public const int Length = 128;
    public const int FingerprintLength = 8;

    private const int CheckOffset = Length - CheckLength;
    private const int CheckLength = 8;
    private const byte HasLocalIsn = 1;
    private const byte HasRemoteIsn = 2;
    private const byte HasCurrent = 4;
    private const byte HasRNext = 8;
    private const byte HasPeer = 16;

    public static void Write(Span<byte> record, ulong version, in SavedConnection saved, ReadOnlySpan<byte> currentFingerprint, ReadOnlySpan<byte> rnextFingerprint)
    {
        record[..Length].Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(record, version);
        BinaryPrimitives.WriteUInt64LittleEndian(record[8..], saved.Pair.Local.High);
        BinaryPrimitives.WriteUInt64LittleEndian(record[16..], saved.Pair.Local.Low);
        BinaryPrimitives.WriteUInt64LittleEndian(record[24..], saved.Pair.Remote.High);
        BinaryPrimitives.WriteUInt64LittleEndian(record[32..], saved.Pair.Remote.Low);
        BinaryPrimitives.WriteUInt16LittleEndian(record[40..], saved.Pair.LocalPort);
        BinaryPrimitives.WriteUInt16LittleEndian(record[42..], saved.Pair.RemotePort);
        BinaryPrimitives.WriteInt32LittleEndian(record[44..], saved.Pair.Vrf);
        record[48] = (byte)saved.State;
        record[49] = (byte)saved.Protection;
        record[50] = (byte)((saved.LocalIsn is null ? 0 : HasLocalIsn) | (saved.RemoteIsn is null ? 0 : HasRemoteIsn)
            | (saved.CurrentSendId is null ? 0 : HasCurrent) | (saved.RNextRecvId is null ? 0 : HasRNext)
            | (saved.PeerRecvId is null ? 0 : HasPeer));
        record[51] = saved.CurrentSendId ?? 0;
        record[52] = saved.RNextRecvId ?? 0;
        record[53] = saved.PeerRecvId ?? 0;
        BinaryPrimitives.WriteUInt32LittleEndian(record[56..], saved.LocalIsn ?? 0);
        BinaryPrimitives.WriteUInt32LittleEndian(record[60..], saved.RemoteIsn ?? 0);
        BinaryPrimitives.WriteUInt32LittleEndian(record[64..], saved.SendSne);
        BinaryPrimitives.WriteUInt32LittleEndian(record[68..], saved.SendSequence);
        BinaryPrimitives.WriteUInt32LittleEndian(record[72..], saved.ReceiveSne);
        BinaryPrimitives.WriteUInt32LittleEndian(record[76..], saved.ReceiveSequence);
        currentFingerprint.CopyTo(record[80..]);
        rnextFingerprint.CopyTo(record[88..]);
        Check(record, record.Slice(CheckOffset, CheckLength));
    }

    /// <summary>Reads a record; false when there is none or it is not whole.</summary>
    public static bool TryRead(ReadOnlySpan<byte> record, out ulong version, out SavedConnection saved)
    {
        saved = default;
        version = BinaryPrimitives.ReadUInt64LittleEndian(record);
        Span<byte> check = stackalloc byte[CheckLength];
        Check(record, check);
        if (version == 0 || !check.SequenceEqual(record.Slice(CheckOffset, CheckLength)))
        {
            return false;
        }

        var pair = new SocketPair(
            new IpAddressBits(BinaryPrimitives.ReadUInt64LittleEndian(record[8..]), BinaryPrimitives.ReadUInt64LittleEndian(record[16..])),
            new IpAddressBits(BinaryPrimitives.ReadUInt64LittleEndian(record[24..]), BinaryPrimitives.ReadUInt64LittleEndian(record[32..])),
            BinaryPrimitives.ReadUInt16LittleEndian(record[40..]),
            BinaryPrimitives.ReadUInt16LittleEndian(record[42..]),
            BinaryPrimitives.ReadInt32LittleEndian(record[44..]));
        byte has = record[50];
        saved = new SavedConnection(
            pair,
            (ConnectionState)record[48],
            (Protection)record[49],
            (has & HasLocalIsn) == 0 ? null : BinaryPrimitives.ReadUInt32LittleEndian(record[56..]),
            (has & HasRemoteIsn) == 0 ? null : BinaryPrimitives.ReadUInt32LittleEndian(record[60..]),
            BinaryPrimitives.ReadUInt32LittleEndian(record[64..]),
            BinaryPrimitives.ReadUInt32LittleEndian(record[68..]),
            BinaryPrimitives.ReadUInt32LittleEndian(record[72..]),
            BinaryPrimitives.ReadUInt32LittleEndian(record[76..]),
            (has & HasCurrent) == 0 ? null : record[51],
            (has & HasRNext) == 0 ? null : record[52],
            (has & HasPeer) == 0 ? null : record[53]);
        return true;
    }

    public static ReadOnlySpan<byte> CurrentFingerprint(ReadOnlySpan<byte> record) => record.Slice(80, FingerprintLength);

    public static ReadOnlySpan<byte> RNextFingerprint(ReadOnlySpan<byte> record) => record.Slice(88, FingerprintLength);

    private static void Check(ReadOnlySpan<byte> record, Span<byte> check)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(record[..CheckOffset], hash);
        hash[..CheckLength].CopyTo(check);
    }
}
