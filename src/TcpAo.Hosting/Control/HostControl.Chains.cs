using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using TcpAo.Hosting.Configuration;
using TcpAo.Hosting.Control.Status;
using TcpAo.Hosting.KeyStores;
using TcpAo.KeyChains;
using TcpAo.Linux;

namespace TcpAo.Hosting.Control;

public sealed partial class HostControl
{
    // chains that were applied since the file was read last
    private readonly HashSet<string> _applied = new(StringComparer.Ordinal);

    // a revision of another run is no revision of this one
    private readonly string _run = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4));
    private ImmutableDictionary<string, KeyChain> _stored = ImmutableDictionary<string, KeyChain>.Empty;
    private int _change = 1;

    /// <summary>Names the state in force; another one after every change.</summary>
    public string Revision => $"{_run}.{_change}";

    /// <summary>What changes, for those who listen.</summary>
    internal ControlEvents Changes { get; } = new();

    /// <summary>Is told of a configuration that was read anew and is in force. Under the lock that requests take: it must not wait for them.</summary>
    internal Action<TcpAoConfiguration>? Reloaded { get; set; }

    /// <summary>What is to be told of the key store.</summary>
    internal Func<KeyStoreStatus?> KeyStore { get; set; } = static () => null;

    /// <summary>Puts other keys into a chain: all of them or none, if the state is still the one that the caller saw.</summary>
    /// <param name="name">Name of the chain, which the configuration has.</param>
    /// <param name="text">The chain, as an entry of <c>key-chains</c> in the configuration.</param>
    /// <param name="expected">The revision that the caller saw.</param>
    /// <param name="dryRun">Only say what would change.</param>
    /// <exception cref="ControlException">There is no such chain, it comes from the key store, or somebody else changed something meanwhile.</exception>
    /// <exception cref="ConfigurationException">The chain is wrong: all errors.</exception>
    /// <exception cref="LinuxException">The kernel refused the rules; what was before is in force.</exception>
    public ReloadPlan Apply(string name, string text, string expected, bool dryRun)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(text);
        lock (_gate)
        {
            TcpAoConfiguration now = host.Configuration;
            if (!string.Equals(expected, Revision, StringComparison.Ordinal))
            {
                Refuse(StatusCodes.Status409Conflict, $"The revision in force is {Revision} and not {Shown.Quoted(expected)}: something changed meanwhile; look at the status and decide again. Nothing has changed.");
            }

            if (!now.KeyChains.Any(chain => string.Equals(chain.Name, name, StringComparison.Ordinal)))
            {
                Refuse(StatusCodes.Status404NotFound, $"The configuration has no key chain {Shown.Quoted(name)}; it has {string.Join(", ", now.KeyChains.Select(chain => chain.Name))}.");
            }

            if (IsStored(now, name))
            {
                Refuse(StatusCodes.Status409Conflict, $"The key chain {Shown.Quoted(name)} comes from the key store; change it there with 'tcpao fleet'.");
            }

            KeyChain chain = KeyChainText.Read(text, "request", name, ConfigurationFile.DirectoryOf(file), now.Kek);
            ReloadPlan plan = Use(chain, dryRun);
            if (plan.InForce)
            {
                _applied.Add(name);
                log($"key chain {name} was applied over the control socket");
                Changed("applied", name, $"key chain {name} was applied over the control socket");
            }

            return plan with { Configuration = "request", Revision = Revision };
        }
    }

    /// <summary>Puts a chain of the key store into force.</summary>
    /// <returns>Why it is not; null where it is.</returns>
    internal string? UseStored(KeyChain chain, string what)
    {
        lock (_gate)
        {
            // the file may have been read anew meanwhile
            if (!IsStored(host.Configuration, chain.Name))
            {
                return "the configuration does not take it from the store any more";
            }

            try
            {
                Use(chain, dryRun: false);
                _stored = _stored.SetItem(chain.Name, chain);
                log(what);
                Changed("store", chain.Name, what);
                return null;
            }
            catch (Exception error) when (error is LinuxException or InvalidOperationException)
            {
                return error.Message;
            }
        }
    }

    /// <summary>Takes chains of the key store as being in force already.</summary>
    internal void Hold(IEnumerable<KeyChain> chains) => _stored = chains.ToImmutableDictionary(chain => chain.Name, StringComparer.Ordinal);

    /// <summary>Tells the operator and who listens of something that changed nothing in force.</summary>
    internal void Tell(string kind, string? chain, string sentence)
    {
        log(sentence);
        Changes.Publish(new ControlEvent(kind, Revision, chain, sentence));
    }

    private ReloadPlan Use(KeyChain chain, bool dryRun) =>
        host.Reload(host.Configuration.With(ImmutableDictionary<string, KeyChain>.Empty.Add(chain.Name, chain)), dryRun);

    private Dictionary<string, KeyChain> StoredFor(TcpAoConfiguration configuration) =>
        _stored.Values.Where(chain => IsStored(configuration, chain.Name)).ToDictionary(chain => chain.Name, StringComparer.Ordinal);

    private static bool IsStored(TcpAoConfiguration configuration, string name) =>
        configuration.KeyStore?.Chains.Any(chain => string.Equals(chain.Name, name, StringComparison.Ordinal)) == true;

    private HostSnapshot Describe(HostSnapshot snapshot) => snapshot with
    {
        Revision = Revision,
        KeyStore = KeyStore(),
        KeyChains = [.. snapshot.KeyChains.Select(chain => chain with { Source = _applied.Contains(chain.Name) ? "control" : IsStored(host.Configuration, chain.Name) ? "store" : "file" })],
    };

    private void Changed(string kind, string? chain, string sentence)
    {
        _change++;
        Changes.Publish(new ControlEvent(kind, Revision, chain, sentence));
    }

    [DoesNotReturn]
    private static void Refuse(int status, string sentence) => throw new ControlException(status, sentence, []);
}
