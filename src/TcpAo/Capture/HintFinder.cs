using System.Security.Cryptography;
using System.Text;
using TcpAo.Crypto;
using TcpAo.Keys;
using TcpAo.Wire;

namespace TcpAo.Capture;

/// <summary>
/// Finds the one change to the configuration or to the path that explains a wrong MAC: what people get wrong most often first.
/// </summary>
internal sealed partial class HintFinder(CaptureKeys configuration)
{
    private const int MaxForeignKeys = 512;

    /// <summary>Searches for a change with which the MAC matches.</summary>
    /// <param name="packet">A whole segment with TCP-AO.</param>
    /// <param name="named">The key that its KeyID names; null when it names none.</param>
    /// <param name="reverse">The key that its KeyID names in the other direction; null when it names none.</param>
    /// <param name="flow">The segment's direction.</param>
    /// <param name="sourceIsn">The sender's ISN.</param>
    /// <param name="destinationIsn">The receiver's ISN; zero for a SYN.</param>
    /// <param name="sne">The SNE.</param>
    /// <param name="mayBeNat">Whether a NAT is possible: not where a handshake between the same ends verified.</param>
    public KeyVariation? Find(
        in TcpPacket packet, AoKey? named, AoKey? reverse, in SegmentFlow flow, uint sourceIsn, uint destinationIsn, uint sne, bool mayBeNat)
    {
        var trial = new Trial(packet, flow, sourceIsn, destinationIsn, sne);
        KeyVariation? found = null;
        if (named is not null)
        {
            found = FindInKey(trial, named) ?? FindInSecret(trial, named) ?? FindInSne(trial, named);
        }

        if (found is null && reverse is not null && !ReferenceEquals(reverse, named))
        {
            found = FindSwapped(trial, reverse);
        }

        found ??= FindOtherKey(trial, named);
        if (found is null && mayBeNat && (named ?? reverse) is { } key)
        {
            found = FindNat(trial, key);
        }

        return found;
    }

    /// <summary>The key with the segment's MAC length, or null where the algorithm cannot have it.</summary>
    private static AoKey? Vary(AoKey key, in TcpPacket packet, MacAlgorithm? algorithm = null, bool? includeTcpOptions = null, Secret? secret = null)
    {
        algorithm ??= key.Algorithm;
        return algorithm.IsTcpMd5 || packet.MacLength < algorithm.MinMacLength || packet.MacLength > algorithm.MaxMacLength
            ? null
            : new AoKey(key.Name, key.SendId, key.RecvId, algorithm, secret ?? key.MasterKey, packet.MacLength, includeTcpOptions ?? key.IncludeTcpOptions);
    }

    private static KeyVariation? FindInKey(in Trial trial, AoKey key)
    {
        string optionsName = key.IncludeTcpOptions ? "options-excluded" : "options-included";
        string optionsSentence = key.IncludeTcpOptions
            ? "the sender leaves the other TCP options out of the MAC: set include-tcp-options: false for this key, or have the sender include them"
            : "the sender includes the other TCP options in the MAC: set include-tcp-options: true for this key, or have the sender exclude them";
        string lengthName = key.MacLength == trial.Packet.MacLength ? string.Empty : "+mac-length";
        string lengthSentence = $"the sender's MAC has {trial.Packet.MacLength} bytes, the key says {key.MacLength}: set mac-length: {trial.Packet.MacLength}";
        if (key.MacLength != trial.Packet.MacLength && trial.Try(Vary(key, trial.Packet), "mac-length", lengthSentence) is { } length)
        {
            return length;
        }

        string bothSentence = lengthName.Length == 0 ? optionsSentence : $"{optionsSentence}; and {lengthSentence}";
        if (trial.Try(Vary(key, trial.Packet, includeTcpOptions: !key.IncludeTcpOptions), optionsName + lengthName, bothSentence) is { } options)
        {
            return options;
        }

        foreach (MacAlgorithm algorithm in MacAlgorithms.All)
        {
            if (algorithm == key.Algorithm)
            {
                continue;
            }

            string name = $"algorithm:{algorithm.Name}";
            string sentence = IsOtherSha256(algorithm, key.Algorithm)
                ? $"the sender uses {algorithm.Name}, the key says {key.Algorithm.Name}: the two SHA-256 schemes derive their traffic keys differently and do not interoperate; set algorithm: {algorithm.Name}"
                : $"the sender uses {algorithm.Name}, the key says {key.Algorithm.Name}: set algorithm: {algorithm.Name}";
            if ((trial.Try(Vary(key, trial.Packet, algorithm), name, sentence)
                ?? trial.Try(Vary(key, trial.Packet, algorithm, !key.IncludeTcpOptions), $"{name}+{optionsName}", $"{sentence}; and {optionsSentence}")) is { } found)
            {
                return found;
            }
        }

        return null;

        static bool IsOtherSha256(MacAlgorithm a, MacAlgorithm b) =>
            (a == MacAlgorithms.HmacSha256 && b == MacAlgorithms.HmacSha256Hkdf) || (a == MacAlgorithms.HmacSha256Hkdf && b == MacAlgorithms.HmacSha256);
    }

    private static KeyVariation? FindInSecret(in Trial trial, AoKey key)
    {
        ReadOnlySpan<byte> bytes = key.MasterKey.Bytes;
        foreach ((string name, string sentence, byte[] changed) in SecretVariants(bytes))
        {
            if (changed.Length is 0 or > Secret.MaxLength)
            {
                continue;
            }

            var secret = Secret.FromBytes(changed);
            CryptographicOperations.ZeroMemory(changed);
            if (trial.Try(Vary(key, trial.Packet, secret: secret), name, sentence) is { } found)
            {
                return found;
            }

            secret.Dispose();
        }

        return null;
    }

    private static List<(string Name, string Sentence, byte[] Secret)> SecretVariants(ReadOnlySpan<byte> bytes)
    {
        var variants = new List<(string Name, string Sentence, byte[] Secret)>();
        const string NewlineThere = "the sender's key ends with a line break that is not part of the configured one: enter the key there again without it";
        const string NewlineHere = "the configured key ends with a line break that is not part of the sender's: take it out here";
        if (bytes.Length % 2 == 0 && IsHex(bytes))
        {
            variants.Add((
                "key-text-as-hex",
                "the sender reads the digits of the key as hex, the configuration as text: use secret-hex: or secret-hex-file: here, or enter the key as text there",
                Convert.FromHexString(Encoding.ASCII.GetString(bytes))));
        }

        const string AsText = "the sender takes the digits of the key as text, the configuration as hex: use secret: or secret-file: here, or enter the key as hex there";
        variants.Add(("key-hex-as-text", AsText, Encoding.ASCII.GetBytes(Convert.ToHexStringLower(bytes))));
        variants.Add(("key-hex-as-text", AsText, Encoding.ASCII.GetBytes(Convert.ToHexString(bytes))));
        variants.Add(("key-trailing-newline", NewlineThere, [.. bytes, (byte)'\n']));
        variants.Add(("key-trailing-newline", NewlineThere, [.. bytes, (byte)'\r', (byte)'\n']));
        ReadOnlySpan<byte> trimmed = bytes.TrimEnd("\r\n"u8);
        if (trimmed.Length < bytes.Length)
        {
            variants.Add(("key-trailing-newline", NewlineHere, trimmed.ToArray()));
        }

        variants.Add(("key-trailing-nul", "the sender's key ends with a NUL byte that is not part of the configured one: its program counts the end of the string as part of the key", [.. bytes, 0]));
        return variants;
    }

    private static bool IsHex(ReadOnlySpan<byte> bytes)
    {
        foreach (byte b in bytes)
        {
            if (!char.IsAsciiHexDigit((char)b))
            {
                return false;
            }
        }

        return true;
    }

    private static KeyVariation? FindInSne(in Trial trial, AoKey key)
    {
        if ((trial.Packet.Flags & TcpFlags.Syn) != TcpFlags.None)
        {
            return null;
        }

        foreach (int offset in (ReadOnlySpan<int>)[1, -1, -(int)trial.Sne])
        {
            uint sne = trial.Sne + (uint)offset;
            string sentence = $"the MAC matches with sequence number extension {sne} instead of {trial.Sne}: a replayed segment, a sender that counts wraps of the sequence number wrongly, or 2 GB missing in the capture";
            if (offset != 0 && trial.Try(Vary(key, trial.Packet), $"sne:{sne}", sentence, sneOffset: offset) is { } found)
            {
                return found;
            }
        }

        return null;
    }

    private static KeyVariation? FindSwapped(in Trial trial, AoKey reverse)
    {
        KeyVariation? found = trial.Try(
            Vary(reverse, trial.Packet),
            "ids-swapped",
            $"send-id {reverse.SendId} and recv-id {reverse.RecvId} of {reverse.Name} are swapped: each end's send-id must be the other end's recv-id");
        return found is null ? null : found with { IsSwap = true };
    }

    private KeyVariation? FindOtherKey(in Trial trial, AoKey? named)
    {
        int left = MaxForeignKeys;
        foreach (CaptureChain chain in configuration.Chains)
        {
            foreach (AoKey key in chain.Keys.Keys)
            {
                if (ReferenceEquals(key, named) || left-- <= 0)
                {
                    continue;
                }

                string sentence = named is null
                    ? $"the sender uses key {key.Name} under an id that it is not configured with: its ids here are {key.SendId} (send) and {key.RecvId} (recv)"
                    : $"the sender uses key {key.Name} where its key id names {named.Name}: the key or its ids are mixed up on one side";
                if ((trial.Try(Vary(key, trial.Packet), $"key:{key.Name}", sentence)
                    ?? trial.Try(
                        Vary(key, trial.Packet, includeTcpOptions: !key.IncludeTcpOptions),
                        $"key:{key.Name}+{(key.IncludeTcpOptions ? "options-excluded" : "options-included")}",
                        sentence)) is { } found)
                {
                    return found;
                }
            }
        }

        return null;
    }

    /// <summary>One segment to try changes on.</summary>
    private readonly ref struct Trial(in TcpPacket packet, in SegmentFlow flow, uint sourceIsn, uint destinationIsn, uint sne)
    {
        public TcpPacket Packet { get; } = packet;

        public SegmentFlow Flow { get; } = flow;

        public uint Sne { get; } = sne;

        public KeyVariation? Try(AoKey? key, string name, string sentence, NatRewrite? rewrite = null, int sneOffset = 0)
        {
            if (key is null)
            {
                return null;
            }

            var variation = new KeyVariation(new MismatchHint(name, sentence), key, rewrite, sneOffset);
            return variation.Matches(Packet, Flow, sourceIsn, destinationIsn, Sne) ? variation : null;
        }

        public bool Matches(AoKey key, in SegmentFlow changed)
        {
            SegmentMac.Derive(key, changed, sourceIsn, destinationIsn, out TrafficKey trafficKey);
            bool matches = SegmentMac.Verify(key, in trafficKey, Packet, changed, Sne);
            trafficKey.Clear();
            return matches;
        }
    }
}
