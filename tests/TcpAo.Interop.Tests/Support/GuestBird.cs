namespace TcpAo.Interop.Tests.Support;

/// <summary>BIRD in the guest, whose TCP-AO is the kernel's.</summary>
internal sealed class GuestBird : Bird
{
    /// <summary>A file for what is long.</summary>
    public const string Included = "/mnt/included.conf";

    private const string Root = "/share/bird";
    private const string Control = "/run/bird/bird.ctl";
    private const int Bgp = 179;

    private const string Configuration = "/mnt/bird.conf";

    private readonly Guest _guest;

    /// <param name="guest">The guest; <see cref="Place"/> has put BIRD into its share.</param>
    /// <param name="configuration">bird.conf.</param>
    public GuestBird(Guest guest, string configuration)
    {
        _guest = guest;
        WriteConfiguration(configuration);
        _guest.Start($"sh -c 'mount -o bind /dev {Root}/dev && mount -t tmpfs run {Root}/run && mkdir {Root}/run/bird'").WaitForEnd();
        _guest.Start($"chroot {Root} /usr/sbin/bird -d -c {Configuration} -s {Control}", Bgp);
    }

    /// <summary>Puts BIRD and its libraries into the guest's share; to be called before the guest starts.</summary>
    /// <param name="share">The share.</param>
    /// <param name="included">What bird.conf includes as <see cref="Included"/>.</param>
    public static void Place(string share, string included = "")
    {
        string root = Path.Combine(share, "bird");
        Programs.Run("cp", "-a", Daemons.Trixie, root);
        File.WriteAllText(root + Included, included);
    }

    public override string Command(string command) => _guest.Start($"chroot {Root} /usr/sbin/birdcl -s {Control} {command}").WaitForEnd();

    protected override void WriteConfiguration(string configuration) => _guest.WriteFile($"{Root}{Configuration}", configuration);
}
