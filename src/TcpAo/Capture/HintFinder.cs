using System.Security.Cryptography;
using System.Text;
using TcpAo.Crypto;
using TcpAo.Keys;
using TcpAo.Wire;

namespace TcpAo.Capture;

/// <summary>
/// Finds the one change to the configuration or to the path that explains a wrong MAC: what people get wrong most often first.
/// </summary>
internal sealed class HintFinder(CaptureKeys configuration)
{
    private const int MaxForeignKeys = 512;
    private const int MaxKnownAddresses = 64;

    private readonly List<IpAddressBits> _seenAddresses = [.. configuration.KnownAddresses.Distinct().Take(MaxKnownAddresses)];

    /// <summary>How often every port may still be tried: that costs 65 536 MACs.</summary>
    public int PortSearches { get; set; } = 16;

    /// <summary>An address of the capture: a NAT's other side may be among them.</summary>
    public void NoteAddress(IpAddressBits address)
    {
        if (_seenAddresses.Count < MaxKnownAddresses && !_seenAddresses.Contains(address))
        {
            _seenAddresses.Add(address);
        }
    }

    /// <summary>Searches for a change with which the MAC matches.</summary>
    /// <param name="packet">A whole segment with TCP-AO.</param>
    /// <param name="named">The key that its KeyID names; null when it names none.</param>
    /// <param name="reverse">The key that its KeyID names in the other direction; null when it names none.</param>
    /// <param name="flow">The segment's direction.</param>
    /// <param name="sourceIsn">The sender's ISN.</param>
    /// <param name="destinationIsn">The receiver's ISN; zero for a SYN.</param>
    /// <param name="sne">The SNE.</param>
    public KeyVariation? Find(in TcpPacket packet, AoKey? named, AoKey? reverse, in SegmentFlow flow, uint sourceIsn, uint destinationIsn, uint sne)
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
        if (found is null && (named ?? reverse) is { } key)
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
            ? "the sender leaves the other TCP options out of the MAC: set include-tcp-options: false here, or have them included there"
            : "the sender includes the other TCP options in the MAC: set include-tcp-options: true here, or have them excluded there";
        string lengthSentence = $"the sender's MAC has {trial.Packet.MacLength} bytes, the key says {key.MacLength}: set mac-length: {trial.Packet.MacLength}";
        if (key.MacLength != trial.Packet.MacLength && trial.Try(Vary(key, trial.Packet), "mac-length", lengthSentence) is { } length)
        {
            return length;
        }

        if (trial.Try(Vary(key, trial.Packet, includeTcpOptions: !key.IncludeTcpOptions), optionsName, optionsSentence) is { } options)
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
                ? $"the sender uses {algorithm.Name}, the key says {key.Algorithm.Name}: the two SHA-256 schemes do not interoperate, their KDFs differ"
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
        const string Newline = "the sender's key ends with a line break, the configured one does not (or the reverse): take the line break out of the key";
        if (bytes.Length % 2 == 0 && IsHex(bytes))
        {
            variants.Add((
                "key-text-as-hex",
                "the key is configured as text, and the sender reads it as hex: use secret-hex (or secret-hex-file) here, or text there",
                Convert.FromHexString(Encoding.ASCII.GetString(bytes))));
        }

        const string AsText = "the key is configured as hex, and the sender takes the digits as text: use secret (or secret-file) here, or hex there";
        variants.Add(("key-hex-as-text", AsText, Encoding.ASCII.GetBytes(Convert.ToHexStringLower(bytes))));
        variants.Add(("key-hex-as-text", AsText, Encoding.ASCII.GetBytes(Convert.ToHexString(bytes))));
        variants.Add(("key-trailing-newline", Newline, [.. bytes, (byte)'\n']));
        variants.Add(("key-trailing-newline", Newline, [.. bytes, (byte)'\r', (byte)'\n']));
        ReadOnlySpan<byte> trimmed = bytes.TrimEnd("\r\n"u8);
        if (trimmed.Length < bytes.Length)
        {
            variants.Add(("key-trailing-newline", Newline, trimmed.ToArray()));
        }

        variants.Add(("key-trailing-nul", "the sender counts a terminating NUL byte as part of the key", [.. bytes, 0]));
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
            string sentence = $"the MAC matches with sequence number extension {sne} instead of {trial.Sne}: a replayed segment, a sender that counts wraps wrongly, or 2 GB missing in the capture";
            if (offset != 0 && trial.Try(Vary(key, trial.Packet), $"sne:{sne}", sentence, sneOffset: offset) is { } found)
            {
                return found;
            }
        }

        return null;
    }

    private static KeyVariation? FindSwapped(in Trial trial, AoKey reverse) => trial.Try(
        Vary(reverse, trial.Packet),
        "ids-swapped",
        $"send-id and recv-id of {reverse.Name} are swapped: the sender uses id {trial.Packet.KeyId}, which is configured for the other direction");

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

                string sentence = $"the MAC matches key {key.Name}, whose ids are {key.SendId} and {key.RecvId}; the segment says {trial.Packet.KeyId}";
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

    private KeyVariation? FindNat(in Trial trial, AoKey key)
    {
        AoKey? varied = Vary(key, trial.Packet);
        if (varied is null)
        {
            return null;
        }

        var source = new CaptureEndpoint(trial.Flow.Source, trial.Flow.SourcePort);
        var destination = new CaptureEndpoint(trial.Flow.Destination, trial.Flow.DestinationPort);
        if ((TryEnd(trial, varied, "source", source, default, 0, "the sender hides its address and port (RFC 6978)")
            ?? TryEnd(trial, varied, "destination", destination, default, 0, "the sender hides the receiver's address and port (RFC 6978)")) is { } hidden)
        {
            return hidden;
        }

        foreach (IpAddressBits address in _seenAddresses)
        {
            if (address.IsIPv4 != trial.Flow.IsIPv4)
            {
                continue;
            }

            if ((TryEnd(trial, varied, "source", source, address, source.Port, null)
                ?? TryEnd(trial, varied, "destination", destination, address, destination.Port, null)) is { } rewritten)
            {
                return rewritten;
            }
        }

        return FindRewrittenPort(trial, varied, "source", source, source.Address)
            ?? FindRewrittenPort(trial, varied, "destination", destination, destination.Address)
            ?? FindRewrittenEnd(trial, varied, source);
    }

    /// <summary>A NAT that changes address and port of the sender: the port of each known address is searched.</summary>
    private KeyVariation? FindRewrittenEnd(in Trial trial, AoKey key, in CaptureEndpoint source)
    {
        foreach (IpAddressBits address in _seenAddresses)
        {
            if (address.IsIPv4 == trial.Flow.IsIPv4 && address != source.Address && address != trial.Flow.Destination
                && FindRewrittenPort(trial, key, "source", source, address) is { } found)
            {
                return found;
            }
        }

        return null;
    }

    private KeyVariation? FindRewrittenPort(in Trial trial, AoKey key, string side, in CaptureEndpoint end, IpAddressBits address)
    {
        if (PortSearches <= 0)
        {
            return null;
        }

        PortSearches--;
        for (int port = 1; port <= ushort.MaxValue; port++)
        {
            var rewrite = new NatRewrite(end, address, (ushort)port);
            if (trial.Matches(key, rewrite))
            {
                return TryEnd(trial, key, side, end, address, (ushort)port, null);
            }
        }

        return null;
    }

    private static KeyVariation? TryEnd(in Trial trial, AoKey key, string side, in CaptureEndpoint captured, IpAddressBits address, ushort port, string? sentence)
    {
        string name = sentence is not null ? $"nat:{side}-hidden" : $"nat:{side}={SocketPair(address, port)}";
        sentence ??= $"the sender signed {SocketPair(address, port)} where the capture has {captured}: an address or port is rewritten on the path (NAT)";
        return trial.Try(key, name, sentence, new NatRewrite(captured, address, port));

        static string SocketPair(IpAddressBits address, ushort port) => Connections.SocketPair.Format(address, port);
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

        public bool Matches(AoKey key, NatRewrite rewrite)
        {
            SegmentFlow changed = rewrite.Apply(Flow);
            SegmentMac.Derive(key, changed, sourceIsn, destinationIsn, out TrafficKey trafficKey);
            return SegmentMac.Verify(key, in trafficKey, Packet, changed, Sne);
        }
    }
}
