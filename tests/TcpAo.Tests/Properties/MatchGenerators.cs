using FsCheck;
using FsCheck.Fluent;
using TcpAo.Connections;
using TcpAo.Keys;

namespace TcpAo.Tests.Properties;

/// <summary>Matches and pairs from a small world, so that they nest, overlap and meet often.</summary>
internal static class MatchGenerators
{
    private const ulong V4 = 0x0000_FFFF_0A00_0000;
    private const ulong V6 = 0x2001_0DB8_0000_0000;

    public static Gen<ConnectionMatch> Match { get; } =
        from v4 in Gen.Elements(true, false)
        from remote in Prefix(v4)
        from local in Prefix(v4)
        from remotePort in Ports()
        from localPort in Ports()
        from vrf in Gen.Elements<int?>(null, null, 0, 1)
        select new ConnectionMatch(remote, local, remotePort, localPort, vrf);

    public static Gen<SocketPair> Pair { get; } =
        from v4 in Gen.Elements(true, false)
        from local in Address(v4)
        from remote in Address(v4)
        from localPort in Gen.Choose(0, 7)
        from remotePort in Gen.Choose(0, 7)
        from vrf in Gen.Choose(0, 2)
        select new SocketPair(local, remote, (ushort)localPort, (ushort)remotePort, vrf);

    /// <summary>Arrays of a few dozen; a failing one shrinks by leaving items out.</summary>
    public static Arbitrary<T[]> ArrayOf<T>(Gen<T> item, int longest) =>
        Arb.From(
            from length in Gen.Choose(0, longest)
            from items in Gen.ArrayOf(item, length)
            select items,
            items => Enumerable.Range(0, items.Length).Select(left => items.Where((_, i) => i != left).ToArray()));

    private static Gen<IpAddressBits> Address(bool v4) =>
        from low in Gen.Choose(0, 3)
        select v4 ? new IpAddressBits(0, V4 + (ulong)low) : new IpAddressBits(V6, (ulong)low);

    private static Gen<IpPrefix> Prefix(bool v4) =>
        from address in Address(v4)
        from missing in Gen.Elements(0, 0, 1, 2, 8, 32, 128, -1)
        select missing < 0 ? IpPrefix.Any : Cut(address, Math.Max(0, (v4 ? 32 : 128) - missing));

    private static IpPrefix Cut(IpAddressBits address, int length)
    {
        IpAddressBits first = address & IpAddressBits.Mask(address.IsIPv4, length);
        return IpPrefix.TryCreate(first, length, out IpPrefix prefix, out string? reason) ? prefix : throw new InvalidOperationException(reason);
    }

    private static Gen<PortMatch> Ports() => Gen.OneOf(
        Gen.Constant(PortMatch.Any),
        Gen.Choose(0, 7).Select(port => PortMatch.Of((ushort)port)),
        from one in Gen.Choose(0, 8)
        from other in Gen.Elements(0, 1, 2, 3, 5, 7, 65535)
        select PortMatch.Range((ushort)Math.Min(one, other), (ushort)Math.Max(one, other)),
        from value in Gen.Choose(0, 7)
        from mask in Gen.Elements(1, 2, 4, 5, 0xFFF8, 0xFFFD)
        select PortMatch.Masked((ushort)(value & mask), (ushort)mask));
}
