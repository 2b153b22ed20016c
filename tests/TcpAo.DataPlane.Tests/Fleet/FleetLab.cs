using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using TcpAo.DataPlane.Tests.Support;
using TcpAo.Linux.Namespaces;
using Xunit;

namespace TcpAo.DataPlane.Tests.Fleet;

/// <summary>Hosts round a router, each with <c>tcpao run</c> and a connection to every other, and an etcd cluster at the router, where the operator is too.</summary>
internal sealed class FleetLab : IDisposable
{
    public const string Chain = "core";
    public const string Secret = "the secret that nobody may find";

    private const string OldKek = "kek-file: core.kek";
    private const int Port = 179;
    private const string Entry = $"/tcpao/chains/{Chain}";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("tcpao-fleet-");
    private readonly List<TcpaoProcess> _runs = [];
    private readonly List<EtcdMember> _members = [];
    private readonly List<Host> _hosts = [];
    private readonly List<Talk> _talks = [];
    private readonly Host _router = Host.Create();

    /// <param name="hosts">How many hosts, r1 and on.</param>
    /// <param name="members">How many members of etcd.</param>
    public FleetLab(int hosts, int members)
    {
        EtcdMember.SkipUnlessThere();
        Operator = new TcpaoProcess(_router, _folder.FullName, "operator");
        _router.SetSysctl("net/ipv4/ip_forward", "1");
        for (int i = 1; i <= hosts; i++)
        {
            AddHost(i);
        }

        IPAddress[] addresses = [.. Enumerable.Range(1, members).Select(i => IPAddress.Parse($"198.51.100.{i}"))];
        _router.Space.Run(() => RouteSocket.Use(route => Array.ForEach(addresses, address => route.AddAddress("lo", address, 32))));
        Endpoints = [.. addresses.Select(address => EtcdMember.ClientUrl(address))];
        _members.AddRange(addresses.Select((_, i) => EtcdMember.In(_router, addresses, i, _folder.FullName)));
        _members.ForEach(member => member.Start());
    }

    /// <summary>Runs commands for the operator.</summary>
    public TcpaoProcess Operator { get; }

    public string Folder => _folder.FullName;

    public string OperatorFile => Operator.ConfigurationPath;

    public IReadOnlyList<TcpaoProcess> Runs => _runs;

    public IReadOnlyList<EtcdMember> Members => _members;

    private string[] Endpoints { get; }

    /// <summary>Puts the chain into the store and starts everything; returns when all connections are up.</summary>
    public void Start()
    {
        string kek = Path.Combine(Folder, "core.kek");
        Assert.Equal(0, Operator.Command("keys", "generate", "--kek", "--out", kek).ExitCode);
        Operator.Write(StoreSection("operator"));
        string keys = Path.Combine(Folder, "core.yaml");
        File.WriteAllText(keys, $"key-chains:\n  - name: {Chain}\n    keys:\n      - {{ id: 1, send-id: 1, recv-id: 1, algorithm: hmac-sha-256, secret: \"{Secret}\" }}\n");
        File.SetUnixFileMode(keys, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        string[] names = [.. _runs.SelectMany((_, i) => (string[])["--host", $"r{i + 1}"])];
        Wait.Until(() => Operator.Command(["fleet", "push", Chain, "-c", OperatorFile, "--from", keys, .. names]).ExitCode == 0, "the chain is in the store");
        for (int i = 0; i < _runs.Count; i++)
        {
            _runs[i].Write(Configuration(i));
            _runs[i].Start();
        }

        _runs.ForEach(run => run.WaitFor("version 1 of the key store is in force"));
        for (int i = 0; i < _hosts.Count; i++)
        {
            using System.Net.Sockets.Socket listener = _hosts[i].Listen(AddressOf(i), Port);
            for (int j = 0; j < i; j++)
            {
                _talks.Add(Talk.Open(_hosts[j], listener));
            }
        }
    }

    /// <summary>A verb of <c>tcpao fleet</c> to its end.</summary>
    public Answer Fleet(params string[] arguments) => Operator.Command(["fleet", .. arguments, "-c", OperatorFile]);

    /// <summary>A rollover to its end: on a busy machine the store or a host may take longer than the command waits, and then it goes on, as an operator would.</summary>
    public Answer Finish(params string[] arguments)
    {
        const int Attempts = 5;
        Answer answer = Fleet(["rollover", Chain, .. arguments]);
        for (int i = 0; i < Attempts && answer.ExitCode is 1 or 5 && !answer.Error.Contains("no rollover of", StringComparison.Ordinal); i++)
        {
            answer = Fleet("rollover", Chain, "--resume");
        }

        return answer;
    }

    /// <summary>Every connection carries bytes both ways, and none has been lost.</summary>
    public void AssertAllTalk() => _talks.ForEach(talk => talk.AssertGoesOn());

    /// <summary>Every connection of every host uses a key both ways, and nothing was refused.</summary>
    public void AssertAllUse(int id)
    {
        foreach (TcpaoProcess run in _runs)
        {
            Answer status = run.Ask("keys", "status", "--json");
            Assert.Equal((0, string.Empty), (status.ExitCode, status.Error));
            Assert.All(status.Json.GetProperty("connections").EnumerateArray(), use => Assert.Equal((id, id), (use.GetProperty("send-id").GetInt32(), use.GetProperty("received-id").GetInt32())));
            Assert.Equal(_hosts.Count - 1, status.Json.GetProperty("connections").GetArrayLength());
            System.Text.Json.JsonElement counters = run.Show().GetProperty("counters");
            Assert.Equal((0, 0), (counters.GetProperty("bad").GetInt32(), counters.GetProperty("key-not-found").GetInt32()));
        }
    }

    /// <summary>What the store has of the chain.</summary>
    public string ReadDocument() => Etcdctl("get", "--print-value-only", Entry).TrimEnd('\n');

    /// <summary>Whoever may write to the store puts something else there; null removes it.</summary>
    public void WriteDocument(string? text) => Etcdctl(text is null ? ["del", Entry] : ["put", Entry, text]);

    /// <summary>The secret of the chain's first key, by whoever has the key-encryption key.</summary>
    public byte[] UnwrapFirstKey()
    {
        string wrapped = JsonDocument.Parse(ReadDocument()).RootElement.GetProperty("key-chain").GetProperty("keys")[0].GetProperty("secret-wrapped").GetString()!;
        using Aes aes = Aes.Create();
        aes.SetKey(Convert.FromHexString(File.ReadAllText(Path.Combine(Folder, "core.kek")).Trim()));
        return aes.DecryptKeyWrapPadded(Convert.FromHexString(wrapped));
    }

    /// <summary>Cuts a host off, or connects it again.</summary>
    public void SetLink(int host, bool isUp) => _router.Space.Run(() => RouteSocket.Use(route =>
    {
        if (isUp)
        {
            route.SetUp($"r{host}");
        }
        else
        {
            route.SetDown($"r{host}");
        }
    }));

    /// <summary>The configuration of a host.</summary>
    /// <param name="index">Which, from 0.</param>
    /// <param name="keks">Its key-encryption keys.</param>
    /// <param name="without">A host that it has nothing to do with any more.</param>
    public string Configuration(int index, string keks = OldKek, int without = -1)
    {
        IEnumerable<string> peers = _hosts.Select((_, i) => i).Where(i => i != index && i != without).Select(i => $"  - {{ name: r{i + 1}, remote: {AddressOf(i)}, port: {Port}, key-chain: {Chain} }}\n");
        return $"{StoreSection($"r{index + 1}", keks)}peers:\n{string.Concat(peers)}";
    }

    /// <summary>The section on the store.</summary>
    public string StoreSection(string host, string keks = OldKek) => $$"""
        key-store:
          etcd: { endpoints: [{{string.Join(", ", Endpoints.Select(url => $"\"{url}\""))}}] }
          host: {{host}}
          cache: {{host}}.cache
          chains:
            - { name: {{Chain}}, {{keks}} }

        """;

    public void Dispose()
    {
        _talks.ForEach(talk => talk.Dispose());
        _runs.ForEach(run => run.Dispose());
        Operator.Dispose();
        _members.ForEach(member => member.Dispose());
        _hosts.ForEach(host => host.Dispose());
        _router.Dispose();
        _folder.Delete(recursive: true);
    }

    private string Etcdctl(params string[] arguments)
    {
        Assert.Equal(0, _members[0].Control(out string output, arguments));
        return output;
    }

    private static IPAddress AddressOf(int index) => IPAddress.Parse($"10.0.{index + 1}.1");

    private void AddHost(int number)
    {
        var host = Host.Create();
        _hosts.Add(host);
        var gateway = IPAddress.Parse($"10.0.{number}.254");
        host.Space.Run(() => RouteSocket.Use(route =>
        {
            route.AddVethPair("up", $"r{number}", _router.Space);
            route.SetUp("up");
            route.AddAddress("up", AddressOf(number - 1), 24);
        }));
        _router.Space.Run(() => RouteSocket.Use(route =>
        {
            route.SetUp($"r{number}");
            route.AddAddress($"r{number}", gateway, 24);
        }));
        host.Space.Run(() => RouteSocket.Use(route => route.AddRoute(IPAddress.Any, 0, gateway, "up")));
        _runs.Add(new TcpaoProcess(host, _folder.FullName, $"r{number}"));
    }
}
