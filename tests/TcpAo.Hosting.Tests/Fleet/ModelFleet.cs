using System.Collections.Immutable;
using System.Text.Json;
using TcpAo.Hosting.Configuration;
using TcpAo.Hosting.KeyStores;
using TcpAo.KeyChains;
using TcpAo.Keys;
using Xunit;

namespace TcpAo.Hosting.Tests.Fleet;

/// <summary>Hosts with a connection between each two, as far as a rollover sees them: each has a version of the chain, and ends follow what the other asks for .</summary>
internal sealed class ModelFleet(ChainKek kek, string name, int hosts)
{
    private static readonly DateTimeOffset s_now = new(2026, 11, 28, 0, 0, 0, TimeSpan.Zero);

    private readonly ChainDocument?[] _documents = new ChainDocument?[hosts];
    private readonly KeyChain?[] _chains = new KeyChain?[hosts];

    // KeyID that the first signs with towards the second
    private readonly byte[,] _signs = new byte[hosts, hosts];
    private readonly byte?[,] _received = new byte?[hosts, hosts];

    public static string NameOf(int host) => $"r{host + 1}";

    /// <summary>A host takes a document.</summary>
    public void Take(int host, ChainDocument document)
    {
        bool isFirst = _chains[host] is null;
        _documents[host] = document;
        _chains[host] = KeyChainText.Read(JsonSerializer.Serialize(document.KeyChain, KeyStoreJson.Default.StoredChain), "test", name, "/", kek.AsSource());
        for (int other = 0; other < hosts; other++)
        {
            // the engine keeps a key that it may still sign with
            if (isFirst || KeyChainSelector.FindBySendId(_chains[host]!, _signs[host, other]) is not { } key || !key.CanSend(s_now))
            {
                _signs[host, other] = KeyChainSelector.SendKey(_chains[host]!, s_now)!.SendId;
            }
        }
    }

    /// <summary>A segment from one host to another: it must be signed with a key that the other accepts, and what it asks for is followed.</summary>
    public void Send(int from, int to)
    {
        byte id = _signs[from, to];
        AoKey? key = KeyChainSelector.FindByRecvId(_chains[to]!, id);
        Assert.True(
            key is not null && KeyChainSelector.IsAccepted(key, s_now),
            $"{NameOf(from)} (version {_documents[from]!.Version}) signs with {id}, which {NameOf(to)} (version {_documents[to]!.Version}) does not accept");
        _received[to, from] = id;
        byte asked = KeyChainSelector.RNextKey(_chains[from]!, s_now)!.RecvId;
        if (KeyChainSelector.FindBySendId(_chains[to]!, asked) is { } wanted && wanted.CanSend(s_now))
        {
            _signs[to, from] = asked;
        }
    }

    /// <summary>What a host reports.</summary>
    public byte[] Report(int host)
    {
        ImmutableArray<HostKeyUse> uses = [.. Enumerable.Range(0, hosts).Where(other => other != host)
            .GroupBy(other => (Sent: _signs[host, other], Received: _received[host, other]))
            .Select(group => new HostKeyUse(group.Count(), NameOf(group.First()), group.Key.Sent, group.Key.Received))];
        return JsonSerializer.SerializeToUtf8Bytes(new HostDocument(NameOf(host), s_now, [new HostChain(name, _documents[host]!.Version, uses)]), KeyStoreJson.Default.HostDocument);
    }
}
