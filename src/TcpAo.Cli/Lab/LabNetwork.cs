using TcpAo.Linux.Links;
using TcpAo.Linux.Namespaces;

namespace TcpAo.Cli.Lab;

/// <summary>
/// Two hosts and a link between them that this process carries: a third namespace stands in the middle, and whoever is there sees every frame.
/// <code>
///   a: 192.0.2.1, 2001:db8::1  ──  to-a ── link ── to-b  ──  b: 192.0.2.2, 2001:db8::2
/// </code>
/// Nothing has a name outside: all of it is gone with this process.
/// </summary>
internal sealed class LabNetwork : IDisposable
{
    private readonly LabContext _context;
    private readonly string _name;
    private readonly NetworkNamespace _middle;

    public LabNetwork(LabContext context, string name, SoftLinkOptions? options = null)
    {
        _context = context;
        _name = name;
        Folder = Directory.CreateDirectory(Path.Combine(context.Folder, name)).FullName;
        A = new LabHost("a", "192.0.2.1", "2001:db8::1");
        B = new LabHost("b", "192.0.2.2", "2001:db8::2");
        _middle = NetworkNamespace.Create();
        _middle.Run(() => RouteSocket.Use(route =>
        {
            route.AddVethPair("to-a", LabHost.Link, A.Space);
            route.AddVethPair("to-b", LabHost.Link, B.Space);
            route.SetUp("to-a");
            route.SetUp("to-b");
        }));
        Tap = new LabTap();
        A.Configure();
        B.Configure();
        Link = _middle.Run(() => SoftLink.Open("to-a", "to-b", options, Tap.See));
        RunA = new LabProtection(A, Folder);
        RunB = new LabProtection(B, Folder);
        KeysPath = RunA.ConfigurationPath;
    }

    public string Folder { get; }

    public LabHost A { get; }

    public LabHost B { get; }

    public SoftLink Link { get; }

    public LabTap Tap { get; }

    public LabProtection RunA { get; }

    public LabProtection RunB { get; }

    /// <summary>A configuration of A that has every key that is used.</summary>
    public string KeysPath { get; set; }

    /// <summary>The verifier's judgement of all segments on a port: how many there were. Throws unless all are signed and valid.</summary>
    public int Judge(int port) => Tap.Judge(KeysPath, port);

    /// <summary>Starts <c>tcpao run</c> in both hosts, with mirrored configurations; returns when both protect.</summary>
    public void Protect(params LabPeer[] peers)
    {
        Configure(peers);
        RunA.Start();
        RunB.Start();
        RunA.WaitUntilProtecting();
        RunB.WaitUntilProtecting();
    }

    /// <summary>Writes both configurations.</summary>
    public void Configure(params LabPeer[] peers)
    {
        RunA.Write(LabPeer.Configuration(peers, B, isMirrored: false));
        RunB.Write(LabPeer.Configuration(peers, A, isMirrored: true));
    }

    public void Dispose()
    {
        RunA.Dispose();
        RunB.Dispose();
        Link.Dispose();
        if (_context.CaptureFolder is { } folder)
        {
            Tap.Save(Path.Combine(folder, $"{_context.Scenario}-{_name}.pcap"));
            if (File.Exists(KeysPath))
            {
                File.Copy(KeysPath, Path.Combine(folder, $"{_context.Scenario}-{_name}.yaml"), overwrite: true);
            }
        }

        A.Dispose();
        B.Dispose();
        _middle.Dispose();
    }
}
