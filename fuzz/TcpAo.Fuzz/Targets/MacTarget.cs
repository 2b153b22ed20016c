using System.Security.Cryptography;
using TcpAo.Crypto;
using TcpAo.Fuzz.Memory;
using TcpAo.Fuzz.Oracle;

namespace TcpAo.Fuzz.Targets;

/// <summary>
/// KDFs and MACs over any lengths against the BCL. The input is algorithm, length of the master key, length of the context, of the MAC and, in two
/// bytes, of the header; then the bytes of all of them, each used where it lies or in front of a guard page of its own.
/// </summary>
internal sealed class MacTarget : IFuzzTarget
{
    private const int PrefixLength = 6;
    private const int ContextRoom = 44;

    private static readonly MacAlgorithm[] s_algorithms = [.. MacAlgorithms.All, new AesCmacAlgorithm<AesPortable>()];

    private readonly GuardedMemory _header = new(TargetRunner.MaxInput);
    private readonly GuardedMemory _output = new(256);

    public string Name => "mac";

    public IEnumerable<byte[]> Seeds =>
        from algorithm in Enumerable.Range(0, s_algorithms.Length)
        from length in (int[])[0, 1, 55, 64, 200, 1460]
        select (byte[])[(byte)algorithm, (byte)(16 + (length % 70)), (byte)algorithm, 12, 0, (byte)length, .. Enumerable.Range(algorithm, 160 + length).Select(i => (byte)i)];

    public void Run(ReadOnlySpan<byte> input)
    {
        if (input.Length < PrefixLength + 1)
        {
            return;
        }

        MacAlgorithm algorithm = s_algorithms[input[0] % s_algorithms.Length];
        if (algorithm == MacAlgorithms.Kmac256 && !Kmac256.IsSupported)
        {
            return;
        }

        ReadOnlySpan<byte> rest = input[PrefixLength..];
        byte[] masterKey = Take(ref rest, 1 + (input[1] % Secret.MaxLength)).ToArray();
        ReadOnlySpan<byte> context = Take(ref rest, (input[2] & 1) == 0 ? 20 : ContextRoom);
        ReadOnlySpan<byte> header = Take(ref rest, ((input[4] << 8) | input[5]) % 4096);
        using Secret secret = Secret.FromBytes(masterKey);

        Span<byte> trafficKey = _output.Take(algorithm.TrafficKeyLength, GuardSide.Behind);
        algorithm.DeriveTrafficKey(secret, context, trafficKey);
        byte[] expectedKey = SlowMac.TrafficKey(algorithm.Name, masterKey, context.ToArray());
        Check.Equal(expectedKey, trafficKey);

        byte[] key = algorithm.IsTcpMd5 ? masterKey : expectedKey;
        algorithm.Prepare(key, out TrafficKey prepared);
        Span<byte> mac = _output.Take(1 + (input[3] % MacAlgorithm.LongestMac), GuardSide.Behind);
        algorithm.ComputeMac(in prepared, _header.Copy(header, GuardSide.Behind), rest, mac);
        byte[] expected = SlowMac.Mac(algorithm.Name, key, [.. header, .. rest]);
        Check.Equal(expected.AsSpan(0, mac.Length), mac);
        Signals.Note(input[0] % s_algorithms.Length, (header.Length + rest.Length) % 256, masterKey.Length);
    }

    private static ReadOnlySpan<byte> Take(ref ReadOnlySpan<byte> rest, int length)
    {
        length = Math.Min(length, rest.Length);
        ReadOnlySpan<byte> taken = rest[..length];
        rest = rest[length..];
        return taken;
    }
}
