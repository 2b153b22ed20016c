using System.Collections.Immutable;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Primitives;
using TcpAo.Crypto;
using TcpAo.Hosting.Configuration;
using TcpAo.Hosting.Sockets;
using TcpAo.KeyChains;
using TcpAo.Keys;
using TcpAo.Linux.Sockets;
using Xunit;

namespace TcpAo.Hosting.Tests.Sockets;

/// <summary>TCP-AO in a .NET host. What it does on a kernel with TCP-AO is shown by examples/03-kestrel in a guest.</summary>
public sealed class AddTcpAoTests
{
    [Fact]
    public async Task Chains_OfASource_AreThereAndFollowIt()
    {
        ChangingSource source = new(Chain("core", "before"));
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddTcpAo().AddSingleton<IKeyChainSource>(source);
        using IHost host = builder.Build();
        await host.StartAsync(TestContext.Current.CancellationToken);
        TcpAoKeyChains chains = host.Services.GetRequiredService<TcpAoKeyChains>();
        Assert.Equal("core", chains["core"].Name);
        Assert.Contains("there are: core", Assert.Throws<KeyNotFoundException>(() => chains["other"]).Message, StringComparison.Ordinal);

        KeyChain after = Chain("core", "after");
        source.Change(after);
        Assert.Same(after, chains["core"]);

        // one that is wrong leaves it
        source.Change(new KeyChain("core", [], TimeSpan.Zero));
        source.Change(null);
        Assert.Same(after, chains["core"]);
        await host.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Chains_ThatAreWrongAtTheStart_EndTheHost()
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddTcpAo(builder.Configuration.GetSection("TcpAo"));
        using IHost host = builder.Build();
        await Assert.ThrowsAsync<ConfigurationException>(() => host.StartAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Kestrel_WhereThereIsNoTcpAo_DoesNotStart()
    {
        Assert.SkipWhen(TcpAoSupport.IsSupported, "this kernel has TCP-AO");
        await using WebApplication app = Build(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseTcpAo("core", "127.0.0.0/8")));
        TcpAoException error = await Assert.ThrowsAsync<TcpAoException>(() => app.StartAsync(TestContext.Current.CancellationToken));
        Assert.Equal(TcpAoError.NotSupported, error.Error);
    }

    [Fact]
    public void Kestrel_WithAnEndpointOrPeerThatWillNotDo_IsNotBuilt()
    {
        ArgumentException twoAddresses = Assert.Throws<ArgumentException>(() => Build(kestrel => kestrel.ListenLocalhost(5926, listen => listen.UseTcpAo("core", "any"))));
        Assert.Contains("use Listen(IPAddress, port)", twoAddresses.Message, StringComparison.Ordinal);
        ArgumentException noPeer = Assert.Throws<ArgumentException>(() => Build(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseTcpAo("core", "everybody"))));
        Assert.Contains("'everybody' is not an IP address", noPeer.Message, StringComparison.Ordinal);
    }

    private static WebApplication Build(Action<Microsoft.AspNetCore.Server.Kestrel.Core.KestrelServerOptions> configure)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddTcpAo().AddSingleton<IKeyChainSource>(new ChangingSource(Chain("core", "secret")));
        builder.WebHost.ConfigureKestrel(configure);
        return builder.Build();
    }

    private static KeyChain Chain(string name, string secret) =>
        new(name, [new KeyChainKey(1, new AoKey($"{name}/1", 1, 1, MacAlgorithms.HmacSha1, Secret.FromText(secret)))], TimeSpan.Zero);

    private sealed class ChangingSource(KeyChain? chain) : IKeyChainSource, IDisposable
    {
        private KeyChain? _chain = chain;
        private CancellationTokenSource _changed = new();

        public ImmutableArray<KeyChain> Read() => [_chain ?? throw new ConfigurationException("it cannot be read")];

        public IChangeToken GetChangeToken() => new CancellationChangeToken(_changed.Token);

        public void Change(KeyChain? chain)
        {
            _chain = chain;
            CancellationTokenSource before = _changed;
            _changed = new CancellationTokenSource();
            before.Cancel();
        }

        public void Dispose() => _changed.Dispose();
    }
}
