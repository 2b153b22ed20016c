using TcpAo.Cli.Lab.Attacks;
using TcpAo.Cli.Lab.Bgp;
using TcpAo.Linux;
using TcpAo.Linux.Namespaces;
using TcpAo.Wire;

namespace TcpAo.Cli.Lab.Scenarios;

/// <summary>Routing daemons that know nothing of TCP-AO: their session comes up, routes are exchanged, and a forged RST does not end it.</summary>
internal sealed class BgpScenario : ILabScenario
{
    private const int Port = 179;
    private const string RouteOfA = "198.51.100.0/24";
    private const string RouteOfB = "203.0.113.0/24";
    private const string Groups = "/etc/group";

    /// <summary>What is looked for, in the order of preference: name, programs, how it is made.</summary>
    private static readonly (string Name, string[] Programs, Func<DaemonFiles, BgpEnd, BgpDaemon> Make)[] s_kinds =
    [
        ("FRR", ["bgpd"], (files, end) => new FrrDaemon(files, end)),
        ("BIRD", ["bird", "birdc"], (files, end) => new BirdDaemon(files, end)),
        ("GoBGP", ["gobgpd", "gobgp"], (files, end) => new GoBgpDaemon(files, end)),
    ];

    public string Name => "bgp";

    public string Description => "a BGP session between daemons without TCP-AO: routes exchanged, a forged RST survived";

    public void Run(LabContext context)
    {
        var files = new DaemonFiles(context.Daemons);
        var found = s_kinds.Where(kind => kind.Programs.All(program => files.Find(program) is not null)).ToList();
        if (found.Count == 0)
        {
            context.Case("BGP", () => throw new LabSkipException("install frr (apt-get install frr), or bird2, or gobgpd"));
            return;
        }

        AllowFrr(context.Folder);
        for (int i = 0; i < Math.Max(1, found.Count - 1); i++)
        {
            var a = found[i];
            var b = found[Math.Min(i + 1, found.Count - 1)];
            context.Case($"{a.Name} and {b.Name}", () => Run(context with { Folder = Path.Combine(context.Folder, $"{i}") }, files, a.Make, b.Make, $"{a.Name}-{b.Name}"));
        }
    }

    private static (string? Without, string? With) Run(LabContext context, DaemonFiles files, Func<DaemonFiles, BgpEnd, BgpDaemon> makeA, Func<DaemonFiles, BgpEnd, BgpDaemon> makeB, string name)
    {
        using var plain = new LabNetwork(context, $"{name}-without");
        using var signed = new LabNetwork(context, $"{name}-with");
        signed.Protect(new LabPeer(Port, new LabKey(61, 84, "a secret of the lab")) { IsEitherEnd = true });
        using BgpDaemon plainA = makeA(files, EndOfA(plain));
        using BgpDaemon plainB = makeB(files, EndOfB(plain));
        using BgpDaemon signedA = makeA(files, EndOfA(signed));
        using BgpDaemon signedB = makeB(files, EndOfB(signed));
        foreach (BgpDaemon daemon in (BgpDaemon[])[plainA, plainB, signedA, signedB])
        {
            daemon.Start();
        }

        WaitForRoutes(plainA, plainB);
        WaitForRoutes(signedA, signedB);

        // without
        Strike(plain, isProtected: false);
        LabWait.Until(() => !plainB.IsUp() || !plainA.IsUp(), "a forged RST ends the session");

        // with: a keepalive of the same connection that comes behind it shows that it goes on
        (int portOfA, int portOfB) = Strike(signed, isProtected: true);
        signed.RunB.WaitFor($"{signed.A.V4}:{portOfA}", "refused");
        int seen = signed.Tap.Count;
        signed.Tap.WaitFor(segment => segment.IsFromA && segment.HasPorts(portOfA, portOfB) && segment.Payload > 0, "A sends a keepalive", seen);
        signed.Tap.WaitFor(segment => !segment.IsFromA && segment.HasPorts(portOfA, portOfB) && segment.Payload > 0, "B sends a keepalive", seen);
        if (!signedA.IsUp() || !signedB.IsUp() || signed.Tap.Find(segment => segment.Is(TcpFlags.Syn) || segment.Is(TcpFlags.Rst), seen).Count > 0)
        {
            throw new LabFailureException("the session did not survive a forged RST");
        }

        return ("up, routes exchanged; a forged RST ends it", $"up, routes exchanged; forged RSTs refused; {signed.Judge(Port)} segments, all signed and valid");
    }

    private static BgpEnd EndOfA(LabNetwork network) => new(network.A, network.B, 65001, 65002, RouteOfA, Path.Combine(network.Folder, "daemon-a"));

    private static BgpEnd EndOfB(LabNetwork network) => new(network.B, network.A, 65002, 65001, RouteOfB, Path.Combine(network.Folder, "daemon-b"));

    private static void WaitForRoutes(BgpDaemon a, BgpDaemon b)
    {
        LabWait.Until(() => a.IsUp() && b.IsUp(), "the BGP session is up");
        LabWait.Until(() => a.HasRoute(RouteOfB) && b.HasRoute(RouteOfA), "the routes are exchanged");
    }

    /// <summary>RSTs in the name of A with the number that B expects, for the connection that carried data last.</summary>
    private static (int PortOfA, int PortOfB) Strike(LabNetwork network, bool isProtected)
    {
        var stage = new AttackStage(network, isProtected);
        LabSegment last = network.Tap.Find(segment => segment.IsFromA && segment.Payload > 0)[^1];
        (int portOfA, int portOfB) = (last.SourcePort, last.DestinationPort);
        uint acknowledgment = stage.Next(portOfA, portOfB, isFromA: false);

        // a keepalive may be on its way just now: the numbers behind one and two more are tried as well
        const int Keepalive = 19;
        uint next = stage.Next(portOfA, portOfB, isFromA: true);
        for (uint sequence = next; sequence <= next + (2 * Keepalive); sequence += Keepalive)
        {
            stage.Strike(isToA: false, last, options => Forge.Segment(last, TcpFlags.Rst | TcpFlags.Ack, sequence, acknowledgment, options: options));
        }

        return (portOfA, portOfB);
    }

    /// <summary>bgpd wants a group of its own, which its package makes; one that is only unpacked is shown it in this mount namespace.</summary>
    private static void AllowFrr(string folder)
    {
        string groups = File.ReadAllText(Groups);
        if (groups.Contains("frrvty:", StringComparison.Ordinal))
        {
            return;
        }

        string shown = Path.Combine(Directory.CreateDirectory(folder).FullName, "group");
        File.WriteAllText(shown, $"{groups}frrvty:x:0:\n");
        try
        {
            MountNamespace.Bind(shown, Groups);
        }
        catch (LinuxException)
        {
            // bgpd says what it lacks when it ends
        }
    }
}
