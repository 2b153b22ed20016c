using TcpAo.Linux.Interop;

namespace TcpAo.Linux;

/// <summary>SIGHUP, which a daemon takes for "read the configuration again".</summary>
public static class HangUp
{
    private const int SIGHUP = 1;

    /// <summary>Lets the process get the signal also where it was started to ignore it, as under nohup(1): the runtime would leave that as it is.</summary>
    public static void StopIgnoring()
    {
        if (Libc.IsIgnored(SIGHUP))
        {
            Libc.SetDefault(SIGHUP);
        }
    }
}
