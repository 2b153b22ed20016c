using System.Text.Json;
using TcpAo.Connections;
using TcpAo.Crypto.Batch;
using TcpAo.Hosting.Configuration;
using TcpAo.Hosting.Control;
using TcpAo.Hosting.Control.Status;
using TcpAo.Hosting.Emulation;
using TcpAo.Linux;
using TcpAo.Linux.Diagnostics;
using TcpAo.Linux.Netfilter;
using TcpAo.Linux.Tun;

namespace TcpAo.Hosting.Diagnosis;

/// <summary>
/// Looks at everything that <c>tcpao run</c> needs and leaves, in the network namespace of the process. Changes nothing: it names the command that would mend.
/// </summary>
/// <param name="statePath">The state file.</param>
/// <param name="controlPath">The control socket.</param>
/// <param name="configurationFile">A configuration to look at; null for none.</param>
public sealed class Doctor(string statePath, string controlPath, string? configurationFile)
{
    private readonly List<DoctorCheck> _checks = [];

    /// <summary>Looks.</summary>
    public DoctorReport Examine()
    {
        _checks.Clear();
        if (CheckRules() is { } table)
        {
            CheckProgram(table.State, isKnown: true);
            CheckProgramsLeft();
            CheckTunLeft();
            CheckOtherChains();
        }
        else
        {
            CheckProgram(null, isKnown: false);
        }

        CheckDestroy();
        CheckKernelTcpAo();
        CheckSynCookies();
        foreach (string line in MacPaths.Describe())
        {
            Ok("macs", line);
        }

        CheckConfiguration();
        return new DoctorReport(!_checks.Exists(check => string.Equals(check.Result, "problem", StringComparison.Ordinal)), [.. _checks]);
    }

    private void Ok(string name, string text) => _checks.Add(new DoctorCheck(name, "ok", text, null));

    private void Note(string name, string text, string? mend = null) => _checks.Add(new DoctorCheck(name, "note", text, mend));

    private void Warn(string name, string text, string mend) => _checks.Add(new DoctorCheck(name, "warning", text, mend));

    private void Problem(string name, string text, string mend) => _checks.Add(new DoctorCheck(name, "problem", text, mend));

    private (NftSupport Support, NftTableState? State)? CheckRules()
    {
        try
        {
            using NftRuleset rules = NftRuleset.Open();
            Ok("privilege", "CAP_NET_ADMIN is there");
            NftSupport support = rules.Support;
            if (support.CanQueue)
            {
                Ok("kernel-queue", support.HasQueueExpression ? "nf_tables can queue packets" : "nf_tables can queue packets, through nft_compat");
            }
            else
            {
                Problem("kernel-queue", "nf_tables can queue no packets", "a kernel with CONFIG_NFT_QUEUE, or with CONFIG_NFT_COMPAT and CONFIG_NETFILTER_XT_TARGET_NFQUEUE; or: modprobe nft_queue");
            }

            if (support.Defragmentation == DefragmentationSource.None)
            {
                Warn("kernel-defragmentation", "fragments are not put together: a fragmented segment of a peer is dropped", "modprobe nf_conntrack, or a kernel with CONFIG_NF_CONNTRACK or CONFIG_NFT_TPROXY");
            }
            else
            {
                Ok("kernel-defragmentation", $"fragments are put together by {(support.Defragmentation == DefragmentationSource.Tproxy ? "the tproxy expression" : "connection tracking")}");
            }

            if (support.HasPersistentOwner)
            {
                Ok("kernel-owner", "the rules can be owned: nobody else changes them while tcpao runs");
            }
            else
            {
                Warn("kernel-owner", "the rules cannot be owned: 'nft flush ruleset' removes them, until they are restored a moment later", "Linux 6.9 or later");
            }

            return (support, rules.Read());
        }
        catch (LinuxException error)
        {
            Problem(error.IsPrivilege ? "privilege" : "kernel-queue", error.Message, error.IsPrivilege ? "run as root, or with CAP_NET_ADMIN" : "modprobe nf_tables, or a kernel with CONFIG_NF_TABLES and CONFIG_NF_TABLES_INET");
            return null;
        }
    }

    private void CheckProgram(NftTableState? table, bool isKnown)
    {
        if (AskProgram() is { } snapshot)
        {
            Ok("program", $"tcpao runs as process {snapshot.ProcessId} with {snapshot.Configuration}, {snapshot.Connections.Length} connections");
            if (snapshot.Rules.Intact)
            {
                Ok("rules", $"the rules are intact ({snapshot.Rules.Count})");
            }
            else
            {
                Problem("rules", $"the rules are not intact: {snapshot.Rules.Problem}", "tcpao reload");
            }

            if (snapshot.DataPath.Device is { } device)
            {
                Note(
                    "data-path",
                    $"peers' segments go by {device} and packet sockets: signed ones leave unseen by this host's packet captures, firewall and queueing disciplines, and arrive in the input chains by {device}",
                    "to see them: capture at the next host; or data-path: nfqueue");
            }

            long lost = snapshot.Queues.Sum(queue => queue.QueueDropped + queue.UserDropped);
            if (lost > 0)
            {
                Warn("queue", $"{lost} packets were lost because a queue was full", "fewer or slower peers, or more processors; 'tcpao show' has the queues");
            }

            CheckExpiry(snapshot);
            foreach (RefusalStatus refusal in snapshot.Refusals.Where(refusal => refusal.Explanation is not null).Take(10))
            {
                Warn("refused", $"peer {refusal.Peer}, {refusal.Count} segments ({refusal.Reason}): {refusal.Explanation}", "tcpao show refusals");
            }

            return;
        }

        if (table is { OwnerPortId: not 0 })
        {
            Problem("program", $"a program owns the rules and does not answer at {controlPath}", "name its control socket with --control FILE");
        }
        else if (table is not null)
        {
            Problem("leftover", $"rules of tcpao stand ({table.RuleCount}) and no tcpao runs: what they match is dropped", "tcpao run -c FILE, or to protect nothing any more: tcpao run --release");
        }
        else
        {
            Note("program", isKnown ? "no tcpao runs in this network namespace, and there are no rules of one" : $"no tcpao answers at {controlPath}");
            if (File.Exists(statePath))
            {
                Note("state", $"{statePath} holds the connections of an earlier run; the next one continues those that still are", "to forget them: tcpao run --release");
            }
        }
    }

    /// <summary>Chains that run out within a month, or have.</summary>
    private void CheckExpiry(HostSnapshot snapshot)
    {
        const int Days = 30;
        var used = snapshot.Peers.Select(peer => peer.KeyChain).ToHashSet(StringComparer.Ordinal);
        foreach (KeyChainStatus chain in snapshot.KeyChains.Where(chain => used.Contains(chain.Name)))
        {
            if (KeyUseReport.RunsOut(chain) is not { } until || until - snapshot.Time > TimeSpan.FromDays(Days))
            {
                continue;
            }

            string mend = $"tcpao keys rollover {chain.Name} -c {snapshot.Configuration} --reload, and the same key at the other side";
            if (until <= snapshot.Time)
            {
                Problem("key-expiry", $"key chain {chain.Name} has run out: its connections do not go on", mend);
            }
            else
            {
                Warn("key-expiry", $"key chain {chain.Name} runs out at {until.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z", mend);
            }
        }
    }

    private void CheckProgramsLeft()
    {
        try
        {
            IReadOnlyList<string> tables = SocketLeftovers.Find();
            if (tables.Count > 0)
            {
                Problem("exec-leftover", $"rules of 'tcpao exec' that was killed stand ({string.Join(", ", tables)}): what they match is dropped", "tcpao exec --release");
            }
        }
        catch (LinuxException error)
        {
            Warn("exec-leftover", error.Message, "run as root");
        }
    }

    private void CheckTunLeft()
    {
        try
        {
            (bool hasRule, bool hasDevice) = TunPath.FindLeftovers();
            if (hasRule && !hasDevice)
            {
                Note("tun-leftover", "a routing rule of 'data-path: tun' stands and its device is gone: it leads nowhere, and what it was for takes the queue", "tcpao run -c FILE, or to protect nothing any more: tcpao run --release");
            }
        }
        catch (LinuxException error)
        {
            Warn("tun-leftover", error.Message, "run as root");
        }
    }

    private HostSnapshot? AskProgram()
    {
        using var client = new ControlClient(controlPath);
        try
        {
            return JsonSerializer.Deserialize(client.Status(), ControlJson.Default.HostSnapshot);
        }
        catch (ControlException error) when (error.Status != 0)
        {
            Problem("control", error.Message, "run as root");
        }
        catch (ControlException)
        {
            if (File.Exists(controlPath))
            {
                Note("control", $"{controlPath} is left from a program that is gone; the next one replaces it");
            }
        }

        return null;
    }

    private void CheckOtherChains()
    {
        try
        {
            NftHook[] outside = [.. NftHook.ReadAll().Where(hook => hook.IsOutsideOurs)];
            foreach (NftHook hook in outside)
            {
                Warn(
                    "other-rules",
                    hook.Hook == 0
                        ? $"chain {hook.Table}/{hook.Chain} (priority {hook.Priority}) meets packets before they are verified"
                        : $"chain {hook.Table}/{hook.Chain} (priority {hook.Priority}) meets packets after they are signed: a change there breaks the signature",
                    $"nft list table {FamilyOf(hook.Family)} {hook.Table}");
            }

            if (outside.Length == 0)
            {
                Ok("other-rules", "no other nf_tables chain meets packets before they are verified or after they are signed");
            }
        }
        catch (LinuxException error)
        {
            Warn("other-rules", error.Message, "run as root");
        }
    }

    private static string FamilyOf(byte family) => family switch
    {
        2 => "ip",
        10 => "ip6",
        _ => "inet",
    };

    private void CheckDestroy()
    {
        try
        {
            // of a connection that cannot be
            using SockDiag diag = SockDiag.Open();
            diag.Destroy(new SocketPair(Keys.IpAddressBits.From(System.Net.IPAddress.Loopback), Keys.IpAddressBits.From(System.Net.IPAddress.Loopback), 0, 0), cookie: 1);
            Ok("kernel-destroy", "connections can be cut (sock_diag)");
        }
        catch (LinuxException error)
        {
            Warn("kernel-destroy", $"connections that are not protected cannot be cut: {error.Message}", "a kernel with CONFIG_INET_DIAG_DESTROY; or restart the sessions by hand");
        }
    }

    private void CheckKernelTcpAo()
    {
        Note("kernel-tcp-ao", KernelTcpAo.IsThere() ? "the kernel has TCP-AO of its own; tcpao run does without it" : "the kernel has no TCP-AO of its own; tcpao run needs none");
    }

    private void CheckSynCookies()
    {
        const string Setting = "/proc/sys/net/ipv4/tcp_syncookies";
        if (!File.Exists(Setting))
        {
            return;
        }

        string value = File.ReadAllText(Setting).Trim();
        if (value is "2")
        {
            Warn("syn-cookies", "net.ipv4.tcp_syncookies is 2: every connection is answered by a cookie and loses TCP options", "sysctl -w net.ipv4.tcp_syncookies=1");
        }
        else
        {
            Ok("syn-cookies", $"net.ipv4.tcp_syncookies is {value}");
        }
    }

    private void CheckConfiguration()
    {
        if (configurationFile is null)
        {
            return;
        }

        try
        {
            TcpAoConfiguration configuration = HostControl.Load(configurationFile);
            HostControl.GroupOf(configuration);
            Ok("configuration", $"{configurationFile} is right: {configuration.Peers.Length} peers, {configuration.KeyChains.Length} key chains");
            foreach (ConfigurationError warning in configuration.Warnings)
            {
                Warn("configuration", (warning with { Hint = null }).ToString(), warning.Hint ?? $"edit {configurationFile}");
            }
        }
        catch (ConfigurationException wrong)
        {
            foreach (ConfigurationError error in wrong.Errors)
            {
                Problem("configuration", (error with { Hint = null }).ToString(), error.Hint ?? $"edit {configurationFile}");
            }
        }
    }
}
