// network_namespaces(7), setns(2), unshare(2). A namespace belongs to a thread: whoever changes it does so on a thread of its
// own that ends afterwards, never on one of the pool.
using System.Runtime.ExceptionServices;
using TcpAo.Linux.Interop;

namespace TcpAo.Linux.Namespaces;

/// <summary>A network namespace, held open by a descriptor. It lives as long as a descriptor, a process or a mount holds it.</summary>
/// <remarks>Needs CAP_SYS_ADMIN in the user namespace that owns it.</remarks>
/// <example>
/// <code>
/// using NetworkNamespace host = NetworkNamespace.Create();
/// host.Run(() => RouteSocket.Use(route => route.SetUp("lo")));
/// </code>
/// </example>
public sealed class NetworkNamespace : IDisposable
{
    private readonly SafeDescriptor _descriptor;

    private NetworkNamespace(SafeDescriptor descriptor)
    {
        _descriptor = descriptor;
    }

    /// <summary>The descriptor, for rtnetlink: to put an interface into it.</summary>
    internal SafeDescriptor Descriptor => _descriptor;

    /// <summary>A path by which other processes of the same user can open it, for as long as this object is not disposed: a descriptor of this process under /proc.</summary>
    public string Path => $"/proc/{Environment.ProcessId}/fd/{_descriptor.DangerousGetHandle()}";

    /// <summary>The kernel's name for it, such as <c>net:[4026531840]</c>: the same wherever it is asked for.</summary>
    public string ReadName() => new FileInfo(Path).LinkTarget ?? string.Empty;

    /// <summary>A number that no other network namespace of the running kernel has had, of the one that the calling thread is in: SO_NETNS_COOKIE; 0 before Linux 5.14.</summary>
    public static unsafe ulong ReadCookie()
    {
        using SafeDescriptor socket = Libc.Socket(Libc.AF_INET, Libc.SOCK_STREAM, 0, "Could not make a socket.");
        ulong cookie = 0;
        uint length = sizeof(ulong);
        return Libc.GetOption((int)socket.DangerousGetHandle(), Libc.SOL_SOCKET, Libc.SO_NETNS_COOKIE, &cookie, ref length) == 0 ? cookie : 0;
    }

    /// <summary>The kernel's name for the one that a thread is in; null where it cannot be read.</summary>
    /// <param name="threadId">The thread.</param>
    public static string? NameOfThread(int threadId)
    {
        try
        {
            return new FileInfo($"/proc/{threadId}/ns/net").LinkTarget;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Makes a new, empty namespace; its loopback interface is down.</summary>
    /// <exception cref="LinuxException">CAP_SYS_ADMIN is missing.</exception>
    public static NetworkNamespace Create() => OnThread(() =>
    {
        Libc.Unshare(Libc.CLONE_NEWNET, "Could not make a network namespace; run as root or inside a user namespace.");
        return Current();
    });

    /// <summary>Opens the one that the calling thread is in.</summary>
    public static NetworkNamespace Current() => Open("/proc/thread-self/ns/net");

    /// <summary>Opens that of a process.</summary>
    public static NetworkNamespace OfProcess(int processId) => Open($"/proc/{processId}/ns/net");

    /// <summary>Opens one that <c>ip netns add</c> has named.</summary>
    public static NetworkNamespace Named(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return Open(System.IO.Path.Combine("/run/netns", name));
    }

    /// <summary>Opens one by a file that stands for it.</summary>
    public static NetworkNamespace Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return new NetworkNamespace(Libc.Open(path, Libc.O_RDONLY, $"Could not open the network namespace {path}."));
    }

    /// <summary>Takes over a descriptor that the kernel gave for one.</summary>
    internal static NetworkNamespace Of(SafeDescriptor descriptor) => new(descriptor);

    /// <summary>Runs an action inside, on a thread of its own, and waits for it. Sockets made there stay there.</summary>
    public void Run(Action action)
    {
        ArgumentNullException.ThrowIfNull(action);
        Run(() =>
        {
            action();
            return true;
        });
    }

    /// <summary>Runs a function inside, on a thread of its own, and waits for it. Sockets made there stay there.</summary>
    public T Run<T>(Func<T> function)
    {
        ArgumentNullException.ThrowIfNull(function);
        return OnThread(() =>
        {
            Enter();
            return function();
        });
    }

    /// <summary>Starts an action inside, on a thread of its own.</summary>
    /// <param name="name">Name of the thread.</param>
    /// <param name="action">The action.</param>
    /// <returns>Ends when the action does, with its exception.</returns>
    public Task Start(string name, Action action)
    {
        ArgumentNullException.ThrowIfNull(action);
        TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Thread thread = new(() =>
        {
            try
            {
                Enter();
                action();
                done.SetResult();
            }
#pragma warning disable CA1031 // the task carries whatever it was
            catch (Exception exception)
#pragma warning restore CA1031
            {
                done.SetException(exception);
            }
        })
        {
            Name = name,
            IsBackground = true,
        };
        thread.Start();
        return done.Task;
    }

    /// <summary>Closes the descriptor.</summary>
    public void Dispose() => _descriptor.Dispose();

    private static T OnThread<T>(Func<T> function)
    {
        T result = default!;
        ExceptionDispatchInfo? failure = null;
        Thread thread = new(() =>
        {
            try
            {
                result = function();
            }
#pragma warning disable CA1031 // thrown again by the caller
            catch (Exception exception)
#pragma warning restore CA1031
            {
                failure = ExceptionDispatchInfo.Capture(exception);
            }
        })
        {
            Name = "network namespace",
            IsBackground = true,
        };
        thread.Start();
        thread.Join();
        failure?.Throw();
        return result;
    }

    private void Enter() => Libc.SetNamespace(_descriptor, Libc.CLONE_NEWNET, "Could not enter a network namespace; CAP_SYS_ADMIN is needed.");
}
