// TCP-AO covers addresses and ports, so a NAT on the path breaks every MAC. RFC 6978 leaves an end out of it.

using TcpAo.Crypto;
using TcpAo.Keys;

namespace TcpAo.Capture;

internal sealed partial class HintFinder
{
    private const int MaxKnownAddresses = 64;

    private readonly List<IpAddressBits> _seenAddresses = [.. configuration.KnownAddresses.Distinct().Take(MaxKnownAddresses)];

    /// <summary>Searches through all ports of an address that are left: each costs 65 536 MACs.</summary>
    public int PortSearches { get; set; } = 16;

    /// <summary>An address of the capture: a NAT's other side may be among them.</summary>
    public void NoteAddress(IpAddressBits address)
    {
        if (_seenAddresses.Count < MaxKnownAddresses && !_seenAddresses.Contains(address))
        {
            _seenAddresses.Add(address);
        }
    }

    private KeyVariation? FindNat(in Trial trial, AoKey key)
    {
        AoKey? varied = Vary(key, trial.Packet);
        if (varied is null)
        {
            return null;
        }

        SegmentFlow captured = KeyVariation.CapturedFlow(trial.Packet);
        var source = new CaptureEndpoint(captured.Source, captured.SourcePort);
        var destination = new CaptureEndpoint(captured.Destination, captured.DestinationPort);
        return FindHidden(trial, varied, captured, source, destination) ?? FindRewritten(trial, varied, captured, source, destination);
    }

    private static KeyVariation? FindHidden(in Trial trial, AoKey key, in SegmentFlow captured, in CaptureEndpoint source, in CaptureEndpoint destination)
    {
        const string Mend = "(RFC 6978): set local-nat: or remote-nat: true for that end of the peer here, or take it off there";
        return TryHidden(trial, key, captured, "nat:not-hidden", "the MAC covers both addresses, the configuration hides one of them (RFC 6978): take local-nat: and remote-nat: off the peer here, or set them at both ends")
            ?? TryHidden(trial, key, captured, $"nat:hidden={source}", $"the MAC leaves out address and port of {source} {Mend}", source)
            ?? TryHidden(trial, key, captured, $"nat:hidden={destination}", $"the MAC leaves out address and port of {destination} {Mend}", destination)
            ?? TryHidden(trial, key, captured, "nat:hidden=both", "the MAC leaves out addresses and ports of both ends (RFC 6978): set local-nat: and remote-nat: true for the peer here, or take them off there", source, destination);
    }

    private static KeyVariation? TryHidden(in Trial trial, AoKey key, in SegmentFlow captured, string name, string sentence, params ReadOnlySpan<CaptureEndpoint> hidden)
    {
        var ends = new (CaptureEndpoint, CaptureEndpoint)[hidden.Length];
        for (int i = 0; i < hidden.Length; i++)
        {
            ends[i] = (hidden[i], default);
        }

        var rewrite = new NatRewrite([.. ends]);

        // what the configuration says anyway was tried before
        return rewrite.Apply(captured) == trial.Flow ? null : trial.Try(key, name, sentence, rewrite);
    }

    /// <summary>An address changed to a known one, a port to any, or both, at either end.</summary>
    private KeyVariation? FindRewritten(in Trial trial, AoKey key, in SegmentFlow captured, in CaptureEndpoint source, in CaptureEndpoint destination)
    {
        foreach (IpAddressBits address in _seenAddresses)
        {
            if ((TryEnd(trial, key, source, source with { Address = address }) ?? TryEnd(trial, key, destination, destination with { Address = address })) is { } found)
            {
                return found;
            }
        }

        return FindPort(trial, key, captured, source, source.Address, isSource: true)
            ?? FindPort(trial, key, captured, destination, destination.Address, isSource: false)
            ?? FindAddressAndPort(trial, key, captured, source, destination);
    }

    private KeyVariation? FindAddressAndPort(in Trial trial, AoKey key, in SegmentFlow captured, in CaptureEndpoint source, in CaptureEndpoint destination)
    {
        foreach (IpAddressBits address in _seenAddresses)
        {
            if (address.IsIPv4 != captured.IsIPv4 || address == source.Address || address == destination.Address)
            {
                continue;
            }

            if ((FindPort(trial, key, captured, source, address, isSource: true) ?? FindPort(trial, key, captured, destination, address, isSource: false)) is { } found)
            {
                return found;
            }
        }

        return null;
    }

    private KeyVariation? FindPort(in Trial trial, AoKey key, in SegmentFlow captured, in CaptureEndpoint end, IpAddressBits address, bool isSource)
    {
        if (PortSearches <= 0)
        {
            return null;
        }

        PortSearches--;
        for (int port = 1; port <= ushort.MaxValue; port++)
        {
            SegmentFlow signed = isSource
                ? captured with { Source = address, SourcePort = (ushort)port }
                : captured with { Destination = address, DestinationPort = (ushort)port };
            if (trial.Matches(key, signed))
            {
                return TryEnd(trial, key, end, new CaptureEndpoint(address, (ushort)port));
            }
        }

        return null;
    }

    private static KeyVariation? TryEnd(in Trial trial, AoKey key, in CaptureEndpoint captured, in CaptureEndpoint signed)
    {
        if (captured == signed || captured.Address.IsIPv4 != signed.Address.IsIPv4)
        {
            return null;
        }

        return trial.Try(
            key,
            $"nat:{captured}={signed}",
            $"the end that the capture has as {captured} was signed as {signed}: a NAT on the path rewrites it, which TCP-AO does not survive; take the NAT off the path, or set local-nat: and remote-nat: (RFC 6978) at both ends",
            new NatRewrite([(captured, signed)]));
    }
}
