using TcpAo.Hosting.Configuration;
using TcpAo.Hosting.Control.Status;
using TcpAo.Hosting.DataPlane;
using TcpAo.Hosting.Emulation;
using TcpAo.Hosting.KeyStores;
using TcpAo.Hosting.Telemetry;
using TcpAo.Linux;
using TcpAo.Linux.Users;

namespace TcpAo.Hosting.Control;

/// <summary>What can be asked of a running program, by the control socket and by signals alike. One request at a time.</summary>
/// <param name="host">What is protected.</param>
/// <param name="file">The configuration that a reload reads.</param>
/// <param name="server">The control socket, which a reload may open to another group.</param>
/// <param name="notify">Tells the service manager.</param>
/// <param name="log">Takes lines for the operator.</param>
/// <param name="kekFile">File of the key-encryption key, where the command line names one.</param>
public sealed partial class HostControl(ProtectedHost host, string file, ControlServer server, SdNotify notify, Action<string> log, string? kekFile = null)
{
    private readonly Lock _gate = new();

    /// <summary>What the engines of the program tell, for traces.</summary>
    internal EventHub Events => host.Events;

    /// <summary>Everything about the host at this moment.</summary>
    /// <exception cref="InvalidOperationException">The data plane has ended.</exception>
    public HostSnapshot Status()
    {
        lock (_gate)
        {
            return Describe(host.Snapshot());
        }
    }

    /// <summary>Reads the configuration again and puts it into force. One that is wrong changes nothing.</summary>
    /// <param name="dryRun">Only say what would change.</param>
    /// <exception cref="ConfigurationException">The configuration is wrong: all errors.</exception>
    /// <exception cref="LinuxException">The kernel refused the rules; what was before is in force.</exception>
    public ReloadPlan Reload(bool dryRun)
    {
        lock (_gate)
        {
            try
            {
                TcpAoConfiguration read = Load(file, kekFile);
                TcpAoConfiguration configuration = read.With(StoredFor(read));
                uint? group = GroupOf(configuration);
                _ = ProgramsOf(configuration);
                string[] replaced = [.. _applied.Select(static chain => $"key chain {chain}: what was applied over the control socket gives way to the file's")];
                ReloadPlan plan = dryRun ? host.Reload(configuration, dryRun) : Reload(configuration, group);
                return plan with { Warnings = [.. plan.Warnings, .. replaced], Revision = Revision };
            }
            catch (Exception error) when (!dryRun && error is ConfigurationException or LinuxException or InvalidOperationException)
            {
                string[] lines = error is ConfigurationException wrong ? [.. wrong.Errors.Select(each => each.ToString())] : [error.Message];
                foreach (string line in lines)
                {
                    log(line);
                }

                log($"{file} is not in force: the configuration before it goes on");
                throw;
            }
        }
    }

    /// <summary>Reads a configuration that has something to protect.</summary>
    /// <param name="file">The file.</param>
    /// <param name="kekFile">File of the key-encryption key, where the command line names one.</param>
    /// <exception cref="ConfigurationException">It has not, or is wrong.</exception>
    public static TcpAoConfiguration Load(string file, string? kekFile = null)
    {
        TcpAoConfiguration configuration = ConfigurationFile.Load(file, kekFile);
        if (configuration.KeyStore is { } store)
        {
            // its key-encryption keys have to be there before anything depends on them
            StoredChains.Open(store).Dispose();
        }

        return configuration.Peers.IsEmpty
            ? throw new ConfigurationException([new ConfigurationError(file, 0, 0, "", "there are no peers to protect", "add them under 'peers:'")])
            : configuration;
    }

    /// <summary>The group that may use the control socket; null for none.</summary>
    /// <exception cref="ConfigurationException">There is no such group on this host.</exception>
    public static uint? GroupOf(TcpAoConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        return configuration.ControlGroup is { } name ? FindGroup(configuration, "control.group", name) : null;
    }

    /// <summary>Whose programs may use the data plane.</summary>
    /// <exception cref="ConfigurationException">There is no such group on this host.</exception>
    internal static ProgramAccess ProgramsOf(TcpAoConfiguration configuration) => configuration.ProgramGroup switch
    {
        null => ProgramAccess.Nobody,
        "any" => new ProgramAccess(Everybody: true, null),
        { } name => new ProgramAccess(Everybody: false, FindGroup(configuration, "exec.group", name)),
    };

    private static uint FindGroup(TcpAoConfiguration configuration, string key, string name) => UserAccess.FindGroup(name)
        ?? throw new ConfigurationException([new ConfigurationError(configuration.File, 0, 0, key, $"this host has no group {Shown.Quoted(name)}", $"make it with 'groupadd --system {Shown.Bare(name)}'")]);

    private ReloadPlan Reload(TcpAoConfiguration configuration, uint? group)
    {
        uint? groupBefore = server.Group;
        notify.Reloading();
        try
        {
            // first, since it may be refused
            Share(group);
            ReloadPlan plan = host.Reload(configuration);
            foreach (string warning in plan.Warnings)
            {
                log($"warning: {warning}");
            }

            log($"reloaded {file}: {configuration.Peers.Length} peers");
            _applied.Clear();
            Changed("reloaded", null, $"{file} is in force");
            Reloaded?.Invoke(configuration);
            return plan;
        }
        catch
        {
            Share(groupBefore);
            throw;
        }
        finally
        {
            notify.Ready($"protecting {host.PeerCount} peers");
        }
    }

    /// <summary>Only where it changes: somebody may have removed the file meanwhile, which is no reason to refuse keys.</summary>
    private void Share(uint? group)
    {
        if (group != server.Group)
        {
            server.Share(group);
        }
    }
}
