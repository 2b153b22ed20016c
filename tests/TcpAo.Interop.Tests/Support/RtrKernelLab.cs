using System.Net;
using TcpAo.Linux.Namespaces;
using Xunit;

namespace TcpAo.Interop.Tests.Support;

/// <summary>FRR with its RTR client under <c>tcpao run</c> at one end of a wire; at the other StayRTR behind a relay that has TCP-AO of Linux.</summary>
internal sealed class RtrKernelLab : IDisposable
{
    private const string Variable = "TCPAO_TEST_PEER";
    private const int Port = 8282;
    private const int PortOfCache = 8283;

    private static readonly TestKey s_key = new("aes-128-cmac-96", "cmac(aes128)", "30313233343536373839616263646566");

    private readonly bool _isIPv6;
    private readonly Programs _programs = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("tcpao-rtr-").FullName;
    private readonly NetworkNamespace? _space;
    private readonly WireCapture? _wire;
    private readonly Guest? _guest;
    private readonly AoCounters? _before;
    private readonly Frr? _frr;

    public RtrKernelLab(bool isIPv6)
    {
        _isIPv6 = isIPv6;
        try
        {
            string name = $"tcpao-rtrk-{Environment.ProcessId}";
            _programs.AtEnd($"rm -rf {_folder}");
            _programs.AtEnd($"ip netns del {name}");
            PlaceCache(Directory.CreateDirectory(Path.Combine(_folder, "share", "rtr")).FullName);
            _guest = new Guest(_programs, Peer, _folder, name);
            _space = NetworkNamespace.Named(name);
            _wire = new WireCapture(_space);
            Run = new Protection(_programs, name, _folder, Configuration());
            _before = _guest.ReadCounters();
            StartCache();
            _frr = new Frr(_programs, name, _folder, RtrCache.RouterConfiguration(AddressOfCache, Port), "-M", "rpki");
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public Protection Run { get; } = null!;

    private static string Peer => Environment.GetEnvironmentVariable(Variable) ?? "";

    private IPAddress AddressOfCache => _isIPv6 ? Guest.Guest6 : Guest.Guest4;

    public static void SkipUnlessThere()
    {
        Assert.SkipUnless(Peer.Length > 0, $"{Variable} does not name the folder of a Linux kernel with TCP-AO (run-uml.sh)");
        Daemons.SkipUnlessThere();
        GuestPrograms.SkipUnlessCompiled();
    }

    public void WaitUntilRouterHasRoa() => RtrCache.WaitUntilIn(_frr!);

    /// <summary>Every segment so far is signed and right, and the peer has found none that it has no key for.</summary>
    public void AssertWireValid()
    {
        _wire!.AssertValid(Run.ConfigurationPath, Port, 0);

        // it calls a right segment bad now and then: docs/deviations.md
        AoCounters counted = _guest!.ReadCounters().Since(_before!);
        Assert.True(counted is { Good: > 0, Bad: 0 or 1, KeyNotFound: 0, Required: 0 }, counted.ToString());
    }

    public void Dispose()
    {
        _wire?.Dispose();
        _space?.Dispose();
        _programs.Dispose();
    }

    /// <summary>StayRTR and the little that it needs.</summary>
    private static void PlaceCache(string folder)
    {
        foreach (string file in (string[])["usr/bin/stayrtr", "lib64/ld-linux-x86-64.so.2", "lib/x86_64-linux-gnu/libc.so.6"])
        {
            Programs.Run("cp", "-L", Path.Combine(Daemons.Bookworm, file), folder);
        }

        RtrCache.Write(folder);
    }

    private void StartCache()
    {
        const string Folder = "/share/rtr";
        string arguments = string.Join(' ', RtrCache.Arguments(IPAddress.Loopback, PortOfCache, Folder));
        _guest!.Start($"{Folder}/ld-linux-x86-64.so.2 --library-path {Folder} {Folder}/stayrtr {arguments}", PortOfCache);
        _guest.Start($"{GuestPrograms.Relay} {(_isIPv6 ? "-6 " : "")}-p {Port} -t {PortOfCache} {s_key.Argument}", Port);
    }

    private string Configuration() =>
        $$"""
        key-chains:
          - name: rtr
            keys:
              - { id: 1, send-id: {{s_key.SendId}}, recv-id: {{s_key.RecvId}}, algorithm: {{s_key.Name}}, secret-hex: "{{s_key.Secret}}" }
        peers:
          - { name: cache, remote: "{{AddressOfCache}}", remote-port: {{Port}}, key-chain: rtr }

        """;
}
