using System.Security.Cryptography;
using TcpAo.Hosting.Configuration;
using TcpAo.Keys;
using TcpAo.Linux;
using TcpAo.Linux.Netfilter;
using TcpAo.Linux.Tun;

namespace TcpAo.Hosting.DataPlane;

public sealed partial class ProtectedHost
{
    // another one each time: whoever had it while an earlier program ran does not have it now
    private readonly uint _sentMark = (uint)RandomNumberGenerator.GetInt32(1, int.MaxValue) | 0x8000_0000;
    private readonly TunPath? _tunPath;
    private readonly TunWorker? _tun;

    /// <summary>Opens the fast path where the configuration wants it. Nothing takes it before the rules say so.</summary>
    /// <exception cref="LinuxException">It is demanded, and the host cannot have it.</exception>
    private TunPath? OpenTun(TcpAoConfiguration configuration)
    {
        if (configuration.DataPath == DataPath.NfQueue)
        {
            return null;
        }

        string? reason = TunDemands.ReasonAgainst(configuration, isCareful: configuration.DataPath == DataPath.Auto);
        if (reason is null)
        {
            try
            {
                TunPath path = TunPath.Open(SourcesOf(configuration), _sentMark);
                _options.Log($"data path: tun ({path.Device.Name}); segments leave past this host's packet captures and firewall");
                return path;
            }
            catch (LinuxException error) when (configuration.DataPath == DataPath.Auto)
            {
                reason = error.Message;
            }
        }

        if (configuration.DataPath == DataPath.Tun)
        {
            throw new ConfigurationException([new ConfigurationError(configuration.File, 0, 0, "data-path", $"tun cannot be had here: {reason}", "data-path: auto, or nfqueue")]);
        }

        _options.Log($"data path: nfqueue: {reason}");
        return null;
    }

    private TunWorker? StartTun()
    {
        if (_tunPath is null)
        {
            return null;
        }

        var worker = new TunWorker(_tunPath, _workers.All[0], _links, new InterfaceMtu(_options.Time), pair => _keys.Find(pair) is not null)
        {
            Beat = _heart?.Invoke(_model.QueueCount),
        };
        worker.Start();
        return worker;
    }

    private NftTunPath? TunModel() => _tunPath is null
        ? null
        : new NftTunPath(_tunPath.Device.Index, TunPath.SteerMark, _sentMark, [.. _links.InVrf().Order(StringComparer.Ordinal)]);

    /// <summary>Interfaces came into a VRF or left one: by those segments are queued.</summary>
    private void FollowTunLinks()
    {
        if (_tunPath is null)
        {
            return;
        }

        lock (_rules)
        {
            NftTunPath tun = TunModel()!;
            if (!tun.QueuedLinks.SequenceEqual(_model.Tun!.QueuedLinks, StringComparer.Ordinal))
            {
                _model = _model with { Tun = tun };
                try
                {
                    _rules.Replace(_model);
                }
                catch (LinuxException error)
                {
                    _options.Log($"interfaces of VRFs changed, and the rules do not follow: {error.Message} What comes by them is dropped");
                }
            }
        }
    }

    /// <summary>Has the segments of more peers received, before the rules drop what comes by another way.</summary>
    /// <exception cref="ConfigurationException">They cannot have the fast path.</exception>
    private void AdmitTunPeers(TcpAoConfiguration configuration)
    {
        if (_tunPath is null)
        {
            return;
        }

        if (TunDemands.ReasonAgainst(configuration with { Queues = 1 }, isCareful: false) is { } reason)
        {
            throw new ConfigurationException([new ConfigurationError(configuration.File, 0, 0, "data-path", $"tun cannot be had with this: {reason}", "restart with data-path: nfqueue")]);
        }

        _tunPath.Receiver.Use(SourcesOf(_configuration, configuration));
    }

    private static HashSet<IpPrefix> SourcesOf(params ReadOnlySpan<TcpAoConfiguration> configurations)
    {
        var sources = new HashSet<IpPrefix>();
        foreach (TcpAoConfiguration configuration in configurations)
        {
            sources.UnionWith(configuration.Peers.Select(peer => peer.Remote));
        }

        return sources;
    }
}
