using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using TcpAo.DataPlane.Tests.Support;
using TcpAo.Hosting.Configuration;
using TcpAo.Hosting.KeyStores;
using TcpAo.Hosting.KeyStores.Etcd;
using Xunit;

namespace TcpAo.DataPlane.Tests.Fleet;

/// <summary>The JSON gateway of a real etcd: what <see cref="IKeyStore"/> promises, TLS with client certificates, users and their roles.</summary>
public sealed class EtcdTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("tcpao-etcd-");
    private readonly List<IDisposable> _open = [];

    [Fact]
    public async Task Store_OfOneMember_KeepsItsPromises()
    {
        EtcdMember member = Start();
        EtcdKeyStore store = Open(Configuration(member, "http"));
        await UntilThere(store);
        CancellationToken ended = TestContext.Current.CancellationToken;
        long first = (await store.TryWriteAsync("chains/core", "one"u8.ToArray(), 0, ended))!.Value;
        Assert.Null(await store.TryWriteAsync("chains/core", "two"u8.ToArray(), 0, ended));
        Assert.Null(await store.TryWriteAsync("chains/core", "two"u8.ToArray(), first + 1, ended));
        long second = (await store.TryWriteAsync("chains/core", "two"u8.ToArray(), first, ended))!.Value;
        StoreSnapshot snapshot = await store.ReadAsync("chains/", ended);
        StoreEntry entry = Assert.Single(snapshot.Entries);
        Assert.Equal(("chains/core", "two", second), (entry.Name, Encoding.UTF8.GetString(entry.Value!), entry.Revision));

        // a lease that nobody keeps ends, and what was written under it goes
        long lease = await store.GrantLeaseAsync(TimeSpan.FromSeconds(2), ended);
        Assert.True(await store.KeepAliveAsync(lease, ended));
        await store.WriteAsync("hosts/r1", "here"u8.ToArray(), lease, ended);
        var seen = new List<string>();
        await foreach (StoreEntry change in store.WatchAsync("", first, ended))
        {
            seen.Add($"{change.Name}={(change.Value is { } value ? Encoding.UTF8.GetString(value) : "gone")}");
            if (change.Value is null)
            {
                break;
            }
        }

        Assert.Equal(["chains/core=one", "chains/core=two", "hosts/r1=here", "hosts/r1=gone"], seen);
        Assert.False(await store.KeepAliveAsync(lease, ended));

        // a revision that is no longer there
        Assert.Equal(0, member.Control("compact", (await store.ReadAsync("", ended)).Revision.ToString(System.Globalization.CultureInfo.InvariantCulture)));
        KeyStoreException compacted = await Assert.ThrowsAsync<KeyStoreException>(async () =>
        {
            await foreach (StoreEntry change in store.WatchAsync("", first, ended))
            {
                Assert.Fail($"{change.Name} came");
            }
        });
        Assert.Equal(KeyStoreFailure.Compacted, compacted.Failure);

        member.Kill();
        Assert.Equal(KeyStoreFailure.Unreachable, (await Assert.ThrowsAsync<KeyStoreException>(() => store.ReadAsync("", ended))).Failure);
    }

    [Fact]
    public async Task Store_WithCertificatesAndUsers_GivesEachHostItsRights()
    {
        string authority = MakeCertificates();
        EtcdMember member = Start(
            "--trusted-ca-file", authority, "--client-cert-auth", "--cert-file", PathOf("server.pem"), "--key-file", PathOf("server.key"));
        KeyStoreConfiguration tls = Configuration(member, "https") with { AuthorityFile = authority, CertificateFile = PathOf("r1.pem"), CertificateKeyFile = PathOf("r1.key") };
        await UntilThere(Open(tls));
        string[][] commands =
        [
            ["user", "add", "root:root-password"], ["user", "grant-role", "root", "root"],
            ["role", "add", "fleet-host"], ["role", "grant-permission", "fleet-host", "read", "/tcpao/chains/", "--prefix"],
            ["role", "add", "fleet-r1"], ["role", "grant-permission", "fleet-r1", "readwrite", "/tcpao/hosts/r1"],
            ["user", "add", "r1:r1-password"], ["user", "grant-role", "r1", "fleet-host"], ["user", "grant-role", "r1", "fleet-r1"],
            ["auth", "enable"],
        ];
        foreach (string[] command in commands)
        {
            Assert.Equal(0, member.Control(["--cacert", authority, "--cert", PathOf("r1.pem"), "--key", PathOf("r1.key"), .. command]));
        }

        CancellationToken ended = TestContext.Current.CancellationToken;
        EtcdKeyStore host = Open(tls with { User = "r1", PasswordFile = Secret("r1.password", "r1-password\n") });
        await UntilThere(host);
        long lease = await host.GrantLeaseAsync(TimeSpan.FromSeconds(30), ended);
        await host.WriteAsync("hosts/r1", "here"u8.ToArray(), lease, ended);
        await AssertDenied(() => host.WriteAsync("hosts/r2", "here"u8.ToArray(), lease, ended));
        await AssertDenied(() => host.TryWriteAsync("chains/core", "mine"u8.ToArray(), 0, ended));
        EtcdKeyStore root = Open(tls with { User = "root", PasswordFile = Secret("root.password", "root-password") });
        Assert.NotNull(await root.TryWriteAsync("chains/core", "keys"u8.ToArray(), 0, ended));
        Assert.Single((await host.ReadAsync("chains/", ended)).Entries);
        await foreach (StoreEntry change in host.WatchAsync("chains/", 1, ended))
        {
            Assert.Equal("chains/core", change.Name);
            break;
        }

        // who is not who he says, has no certificate, or meets another's
        await AssertDenied(() => Open(tls with { User = "r1", PasswordFile = Secret("wrong.password", "another") }).ReadAsync("chains/", ended));
        await AssertDenied(() => Open(tls).ReadAsync("chains/", ended));
        await AssertUnreachable(Open(tls with { CertificateFile = null, CertificateKeyFile = null }));
        await AssertUnreachable(Open(tls with { AuthorityFile = PathOf("r1.pem") }));
        Assert.Equal(KeyStoreFailure.Denied, Assert.Throws<KeyStoreException>(() => Open(tls with { CertificateFile = PathOf("no-such.pem") })).Failure);
    }

    public void Dispose()
    {
        _open.ForEach(each => each.Dispose());
        _folder.Delete(recursive: true);
    }

    private static async Task AssertDenied(Func<Task> action) => Assert.Equal(KeyStoreFailure.Denied, (await Assert.ThrowsAsync<KeyStoreException>(action)).Failure);

    private static async Task AssertUnreachable(EtcdKeyStore store) =>
        Assert.Equal(KeyStoreFailure.Unreachable, (await Assert.ThrowsAsync<KeyStoreException>(() => store.ReadAsync("", TestContext.Current.CancellationToken))).Failure);

    /// <summary>The store answers; before it has begun it does not.</summary>
    private static async Task UntilThere(EtcdKeyStore store)
    {
        for (int left = Wait.Milliseconds; left > 0; left -= 100)
        {
            try
            {
                await store.ReadAsync("chains/", TestContext.Current.CancellationToken);
                return;
            }
            catch (KeyStoreException error) when (error.Failure == KeyStoreFailure.Unreachable)
            {
                await Task.Delay(100, TestContext.Current.CancellationToken);
            }
        }

        Assert.Fail("the store never answered");
    }

    private static KeyStoreConfiguration Configuration(EtcdMember member, string scheme) => new()
    {
        Endpoints = [new Uri($"{scheme}://127.0.0.1:{member.ClientPort}")],
        Prefix = "/tcpao/",
        Host = "r1",
        CacheFile = "/dev/null",
        Chains = [],
    };

    private EtcdMember Start(params string[] tls)
    {
        EtcdMember.SkipUnlessThere();
        var member = EtcdMember.OnThisHost(_folder.FullName, tls);
        _open.Add(member);
        member.Start();
        return member;
    }

    private EtcdKeyStore Open(KeyStoreConfiguration configuration)
    {
        var store = new EtcdKeyStore(configuration);
        _open.Add(store);
        return store;
    }

    private string PathOf(string name) => Path.Combine(_folder.FullName, name);

    private string Secret(string name, string content)
    {
        File.WriteAllText(PathOf(name), content);
        File.SetUnixFileMode(PathOf(name), UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return PathOf(name);
    }

    /// <summary>An authority, and a certificate by it for the member and one for a host; gives the authority's.</summary>
    private string MakeCertificates()
    {
        using var authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=fleet test", authorityKey, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using X509Certificate2 authority = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        File.WriteAllText(PathOf("ca.pem"), authority.ExportCertificatePem());
        foreach (string name in (string[])["server", "r1"])
        {
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

            // etcd refuses what comes by the gateway under a name while it has users: it cannot take the name for the user there
            var leaf = new CertificateRequest($"O={name}", key, HashAlgorithmName.SHA256);
            var names = new SubjectAlternativeNameBuilder();
            names.AddIpAddress(IPAddress.Loopback);
            leaf.CertificateExtensions.Add(names.Build());

            // the gateway of etcd is a client of its own member
            leaf.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1"), new Oid("1.3.6.1.5.5.7.3.2")], false));
            using X509Certificate2 certificate = leaf.Create(authority, DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddHours(12), Guid.NewGuid().ToByteArray());
            File.WriteAllText(PathOf($"{name}.pem"), certificate.ExportCertificatePem());
            File.WriteAllText(PathOf($"{name}.key"), key.ExportPkcs8PrivateKeyPem());
        }

        return PathOf("ca.pem");
    }
}
